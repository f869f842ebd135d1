"""From a platform's download of one assignment to `submitted/STUDENT/LESSON/`.

Nothing is lost: what a newer submission replaces is kept in `attempts/`, what cannot be matched is
told and stays in the download.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path, PurePosixPath

import nbformat

from autograder.classroom import Classroom
from autograder.course import PART, CourseError, grade_id
from autograder.grading.archives import (
    LATE,
    STAMP,
    Named,
    NoArchive,
    called,
    free,
    is_late,
    not_stamp,
    of_platform,
    parts,
    platform,
    unpack,
)
from autograder.grading.files import exists, is_plain, listed, no_folder, walked, why_not
from autograder.grading.names import is_notebook, may_be
from autograder.grading.times import Unclear, handed_in
from autograder.lms.collected import Entry, entries
from autograder.lms.roster import PLATFORMS, Person, Roster, moment, no_folder_name

NEW, SAME, AGAIN, STAMPED = "new", "unchanged", "handed in again", "time put right"


@dataclass(frozen=True)
class Handed:
    """What a download holds of one student. folder: the files; names: as the platform gave them."""

    of: Named
    folder: Path
    names: tuple[str, ...]

    @property
    def is_late(self) -> bool:
        return any(map(is_late, self.names))

    @property
    def whose(self) -> str:
        return f"{self.of.student} ({self.of.number})"


@dataclass(frozen=True)
class Collected:
    """What became of one student's work. kept: where an earlier attempt now lies."""

    student: str
    what: str
    kept: Path | None = None
    note: str = ""


@dataclass
class Outcome:
    """unmatched: what was not taken, and why. missing: who of the roster handed in nothing.

    elsewhere: of each that is of another lesson by its content, which.
    """

    collected: list[Collected] = field(default_factory=list)
    unmatched: list[tuple[str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)


# --- A download ----------------------------------------------------------------------------------


def opened(source: Path, aside: Path) -> tuple[list[Handed], list[tuple[str, str]]]:
    """Each student's part of a download, copied into a folder aside; what is nobody's, and why.

    source: a zip, the folder that it was unpacked to, or a file of it. Raises `CourseError` where
    it cannot be read.
    """
    if not exists(source):
        raise CourseError(f"there is no {source}")
    try:
        if source.is_dir() and not of_platform(source.name):
            return _copied(_within(source), aside)
        if of_platform(source.name) and not _of_a_class(source):
            return _copied([source], aside)
        return _unpacked(source, aside)
    except NoArchive as error:
        raise CourseError(f"{source}: {error}") from error
    except OSError as error:
        raise CourseError(f"{source}: {why_not(error)}") from error


def _within(folder: Path) -> list[Path]:
    """What lies in a folder, or in the one within it, where that holds everything."""
    every = [folder / name for name in listed(folder)]
    if len(every) == 1 and not no_folder(every[0]) and not of_platform(every[0].name):
        return _within(every[0])
    return every


def _of_a_class(source: Path) -> bool:
    """Whether it is a zip with students' files, whatever its own name looks like."""
    return source.suffix.lower() == ".zip" and any(student for _, student in parts(source))


def _unpacked(source: Path, aside: Path) -> tuple[list[Handed], list[tuple[str, str]]]:
    left: list[tuple[str, str]] = []
    inside = parts(source)
    unpack(source, aside, left_out=left)
    students: dict[str, list[PurePosixPath]] = {}
    for path, student in inside:
        if student:
            students.setdefault(student, []).append(path)
        else:
            left.append((str(path), untold(path.parts[0])))
    found = []
    for student, paths in students.items():
        of = of_platform(paths[0].parts[0])
        assert of is not None
        (aside / student).mkdir(parents=True, exist_ok=True)
        (aside / student / STAMP).unlink(missing_ok=True)  # LATE, which is told with more below
        names = tuple(dict.fromkeys(path.parts[0] for path in paths))
        found.append(Handed(of, aside / student, names))
    return found, left


def untold(name: str) -> str:
    """Why nobody's name is read from it, and what to do."""
    if re.fullmatch(r".+_\d+_(text|link)\.html", name):
        return "it is a text or a link typed into Canvas, and no file: ask for the notebook"
    if name.startswith("anon_"):
        return "Canvas hides whose it is: download again when the assignment shows names"
    return "its name is not one that a platform gives to what was handed in"


def _copied(every: list[Path], aside: Path) -> tuple[list[Handed], list[tuple[str, str]]]:
    """From a download that a browser has unpacked."""
    students = called(path.name for path in every)
    names: dict[str, list[str]] = {}
    whose: dict[str, Named] = {}
    left = []
    for path in every:
        of = of_platform(path.name)
        if of is None or not (is_plain(path) if of.file else not no_folder(path)):
            left.append((path.name, untold(path.name)))
            continue
        student = students[of.key]
        names.setdefault(student, []).append(path.name)
        whose[student] = of
        files = [path] if of.file else [*filter(is_plain, walked(path))]
        if len(files) < (1 if of.file else sum(len(f) for _, _, f in os.walk(path))):
            why = "not all in it was taken: it holds links, or too many files or folders in folders"
            left.append((path.name, why))
        for file in files:
            own = PurePosixPath(of.file or file.relative_to(path))
            target = aside / student / not_stamp(own)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, free(target), follow_symlinks=False)
        (aside / student).mkdir(parents=True, exist_ok=True)
    return [Handed(of, aside / s, tuple(names[s])) for s, of in whose.items()], left


# --- Whose it is, and into its place -------------------------------------------------------------


@dataclass
class Collection:
    """One run. known: the names of the course's other lessons. zone: of the platform's clock.

    times: when, by number, as Canvas's API says. chosen: students by a platform's name or number,
    as the instructor says. asked: the grade ids of each lesson.
    """

    classroom: Classroom
    lesson: str
    roster: Roster | None
    known: Iterable[str] = ()
    zone: str | None = None
    times: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    asked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)

    def take(self, source: Path, aside: Path) -> None:
        """Put what a download holds into its places. Each download is read by itself."""
        found, left = opened(source, aside)
        self.outcome.unmatched += left
        if not found:
            self.outcome.unmatched.append(
                (source.name, "nothing in it is named as a platform does")
            )
        find = self.roster.matcher(each.of for each in found) if self.roster else None
        names = called(name for each in found for name in each.names)
        taken: dict[str, Handed] = {}
        for each in found:
            person = self._chosen(each.of) or (find(each.of) if find else "")
            student = person.student if isinstance(person, Person) else self._free(each, names)
            why = self._of_another_platform(each.names[0])
            why = why or (person if isinstance(person, str) else "")
            why = why or no_folder_name(student) or self._no_place(student)
            if not why and student in taken:
                why = (
                    f"it is {student}'s, as {taken[student].whose} is: give one of them by --match"
                )
            if not why and (other := self._of_another(each.folder)):
                self.outcome.elsewhere.append(other)
                why = f"by its content it is of {other}: is --lesson {self.lesson} right?"
            if why:
                self.outcome.unmatched.append((each.whose, why))
                continue
            taken[student] = each
            self._put(student, each, person if isinstance(person, Person) else None)

    def _of_another_platform(self, name: str) -> str:
        """Why a name is not read, where the roster says what platform gives the names."""
        kind = self.roster.kind if self.roster else ""
        if PLATFORMS.get(kind, platform(name)) == platform(name):
            return ""
        return f"its name is not as {kind} gives it, whose roster this is"

    def _of_another(self, folder: Path) -> str:
        """The other lesson that all notebooks here are of, by their grade ids; else empty."""
        every = [ids_in(p) for p in walked(folder) if is_notebook(p.name) and is_plain(p)]
        there = frozenset().union(*every)
        shared = {name: len(there & ids) for name, ids in self.asked.items()}
        if not all(every) or shared.get(self.lesson) or not any(shared.values()):
            return ""
        return max(shared, key=lambda name: shared[name])

    def _chosen(self, of: Named) -> Person | str | None:
        student = self.chosen.get(of.number) or self.chosen.get(of.student)
        if student is None:
            return None
        known = self.roster.of_student(student) if self.roster else None
        if self.roster and known is None:
            return f"--match says {student}, and {self.roster.path.name} has nobody of that name"
        return known or Person(student, -1, student, frozenset(), frozenset())

    def _free(self, each: Handed, names: dict[tuple[str, str], str]) -> str:
        """Without a roster: the platform's name, with the number where another is called so."""
        student = names[each.of.key]
        named = platform(each.names[0])
        others = self.before | self.outcome.entries
        if student in others and (others[student].platform, others[student].number) != (
            named,
            each.of.number,
        ):
            return f"{each.of.student}_{each.of.number}"
        return student

    @cached_property
    def before(self) -> dict[str, Entry]:
        """Who was collected before. Canvas's numbers are a student's in all lessons, Moodle's are
        of one assignment."""
        found: dict[str, Entry] = {}
        for lesson in self.known:
            for student, one in entries(self.classroom, lesson).items():
                if one.platform == "canvas" or lesson == self.lesson:
                    found[student] = one
        return found

    def _no_place(self, student: str) -> str:
        """Why nothing can be put there: it is a link, or no folder."""
        for path in (self.classroom.submitted / student, self._place(student)):
            if exists(path) and (why := no_folder(path)):
                return f"{path.relative_to(self.classroom.folder)}: {why}"
        return ""

    def _place(self, student: str) -> Path:
        return self.classroom.submitted / student / self.lesson

    def _put(self, student: str, each: Handed, person: Person | None) -> None:
        place = self._place(student)
        self._name_notebook(each.folder)
        stamp, note = self._time(each, person)
        if stamp:
            (each.folder / STAMP).write_text(f"{stamp}\n", encoding="utf-8")
        self.outcome.entries[student] = Entry(platform(each.names[0]), each.of.number, each.names)
        before, now = dict(_contents(place)), dict(_contents(each.folder))
        kept = None
        if not place.exists():
            what = NEW
        elif before == now:
            there = _stamp(place)
            settled = not stamp or there == stamp or (there and stamp == LATE)
            what = SAME if settled else STAMPED
        else:
            what = AGAIN
            kept = attempt_of(self.classroom, student, self.lesson)
        self.outcome.collected.append(Collected(student, what, kept, note))
        if self.dry_run:
            return
        if what == STAMPED:
            shutil.copyfile(each.folder / STAMP, place / STAMP)
        elif what in (NEW, AGAIN):
            _move_in(each.folder, place, kept)

    def _time(self, each: Handed, person: Person | None) -> tuple[str, str]:
        """What its timestamp.txt is to say, and what to know of that."""
        if each.of.number in self.times and platform(each.names[0]) == "canvas":
            return self.times[each.of.number], ""
        if person is not None and person.when:
            if self.zone is None:
                return "", NO_ZONE
            try:
                return moment(person.when, self.zone), ""
            except Unclear as why:
                return "", f"the roster's time is not clear: {why}"
        return (LATE, "late, says Canvas, and not when") if each.is_late else ("", "")

    def _name_notebook(self, folder: Path) -> None:
        """A lone notebook gets the lesson's name, by which plain nbgrader finds it as well."""
        found = [path for path in walked(folder) if is_notebook(path.name) and is_plain(path)]
        others = [name for name in self.known if name != self.lesson]
        if len(found) != 1 or any(may_be(found[0].name, name) for name in others):
            return
        target = folder / f"{self.lesson}.ipynb"
        if not target.exists():
            found[0].rename(target)

    def finish(self) -> Outcome:
        """Who is missing is told against everything that lies in `submitted/` by now."""
        if self.roster:
            here = {each.student for each in self.outcome.collected}
            self.outcome.missing = [
                person.student
                for person in self.roster.people
                if person.student not in here and not self._place(person.student).exists()
            ]
        return self.outcome


NO_ZONE = "the roster says when, and not in which time zone: --timezone PLACE"


def ids_in(path: Path) -> frozenset[str]:
    """The grade ids in a notebook, as far as it can be read; none where it cannot."""
    try:
        return frozenset(map(grade_id, nbformat.from_dict(json.loads(path.read_bytes())).cells)) - {
            ""
        }
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return frozenset()


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Each file's path and content, without when it was handed in. No link is followed."""
    for path in walked(folder) if folder.is_dir() else ():
        if is_plain(path) and path != folder / STAMP:
            yield str(path.relative_to(folder)), path.read_bytes()


def _stamp(folder: Path) -> str:
    try:
        return (folder / STAMP).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        return ""


def attempt_of(classroom: Classroom, student: str, lesson: str) -> Path:
    """Where what now lies in `submitted/` is kept when another comes: in `attempts/`, by its time.

    The time is when it was handed in, or where that is not known, when it was put there; in UTC.
    """
    place = classroom.submitted / student / lesson
    said = handed_in(place / STAMP)
    when = said.when if said else None
    if when is None:
        when = datetime.fromtimestamp(place.stat().st_mtime, UTC)
    return free(classroom.attempts / student / lesson / f"{when:%Y-%m-%dT%H-%M-%SZ}")


def _move_in(folder: Path, place: Path, kept: Path | None) -> None:
    """Into its place, which is there whole or not at all; the earlier attempt out of it before."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}{PART}")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(folder, part, symlinks=True)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        os.rename(place, kept)
    os.rename(part, place)
