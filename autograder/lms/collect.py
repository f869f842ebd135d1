"""From a platform's download of one assignment to `submitted/STUDENT/LESSON/`.

Nothing is lost: what a newer submission replaces is kept in `attempts/`, what cannot be matched is
told and stays in the download.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import nbformat

from autograder.classroom import Classroom
from autograder.course import PART, CourseError, grade_id
from autograder.grading.archives import LATE, STAMP, free
from autograder.grading.attempts import GRADED
from autograder.grading.files import exists, is_plain, no_folder, walked
from autograder.grading.names import is_notebook, may_be
from autograder.grading.platforms import Named, called, platform, recency
from autograder.grading.sheet import digest
from autograder.grading.times import Unclear, handed_in
from autograder.lms.collected import Entry, entries
from autograder.lms.download import Handed, opened
from autograder.lms.roster import PLATFORMS, Person, Roster, in_zone, moment, no_folder_name
from autograder.lms.submitters import METADATA, Submitted, submitters

NEW, SAME, AGAIN, STAMPED = "new", "unchanged", "handed in again", "time put right"
OLDER = "older than what is here"


@dataclass(frozen=True)
class Collected:
    """What became of one student's work. kept: where earlier attempts now lie."""

    student: str
    what: str
    kept: tuple[Path, ...] = ()
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
    used: set[str] = field(default_factory=set)
    """Of those chosen, whom a download has met."""
    submitted: dict[str, Submitted] = field(default_factory=dict)
    """Whose each of Gradescope's folders is."""

    def take(self, source: Path, aside: Path) -> None:
        """Put what a download holds into its places. Each download is read by itself."""
        self.submitted |= submitters(source)
        found, left = opened(source, aside, {*self.chosen, *self.submitted})
        found = [one for each in found for one in self._of_each(each)]
        left = [each for each in left if each[0] != METADATA]
        self.outcome.unmatched += left
        if not found and source.name not in dict(left):
            self.outcome.unmatched.append(
                (source.name, "nothing in it is named as a platform does")
            )
        find = self.roster.matcher(each.of for each in found) if self.roster else None
        names = called(name for each in found for name in each.names)
        attempts: dict[tuple[str, str], list[Handed]] = {}
        for each in found:
            attempts.setdefault(each.of.key, []).append(each)
        taken: dict[str, Handed] = {}
        for *earlier, each in attempts.values():
            person = self._chosen(each.of) or (find(each.of) if find else "")
            student = person.student if isinstance(person, Person) else self._free(each, names)
            why = self._of_another_platform(each.names[0]) if platform(each.names[0]) else ""
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
            known = person if isinstance(person, Person) else None
            self._put(student, [*earlier, each], known)

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

    def _of_each(self, handed: Handed) -> Iterator[Handed]:
        """Of Gradescope's folders, one for each of the people whose it is."""
        folder = handed.names[0]
        if folder in self.chosen or folder not in self.submitted:
            yield handed
            return
        if not self.submitted[folder].people:
            self.outcome.unmatched.append((folder, "Gradescope names nobody whose it is"))
        for ids in self.submitted[folder].people:
            found = map(self.roster.of_student, ids) if self.roster else ()
            person = next(filter(None, found), None)
            student = person.student if person else ids[0]
            yield replace(handed, of=Named(student, folder, ""))

    def _chosen(self, of: Named) -> Person | str | None:
        by = of.number if of.number in self.chosen else of.student
        if by in self.chosen:
            self.used.add(by)
            student = self.chosen[by]
        elif of.number in self.submitted:
            student = of.student
        else:
            return None
        known = self.roster.of_student(student) if self.roster else None
        if self.roster and known is None:
            who = "--match says" if by in self.chosen else "Gradescope says"
            return f"{who} {student}, and {self.roster.path.name} has nobody of that name"
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

    def _put(self, student: str, attempts: list[Handed], person: Person | None) -> None:
        """Into its place, one after the other, what has not been collected before."""
        last = attempts[-1]
        for each in attempts:
            self._name_notebook(each.folder)
        names = tuple(name for each in attempts for name in each.names)
        made = digest(*(part for pair in _contents(last.folder) for part in pair))
        entry = Entry(platform(last.names[0]), last.of.number, names, made)
        if self._place(student).exists() and (what := self._settled(student, entry, last)):
            self.outcome.collected.append(Collected(student, what))
            return
        here = self._here(student)
        known = [k for k, each in enumerate(attempts) if dict(_contents(each.folder)) in here]
        begins = min(known[-1] + 1, len(attempts) - 1) if known else 0
        fresh = not self._place(student).exists()
        kept: list[Path] = []
        for each in attempts[len(attempts) - 1 if self.dry_run else begins :]:
            what, note = self._put_one(student, each, person if each is last else None, kept)
        self.outcome.entries[student] = entry
        said = Collected(student, NEW if fresh else what, tuple(kept), note)
        self.outcome.collected.append(said)

    def _settled(self, student: str, entry: Entry, last: Handed) -> str:
        """What is said of a download that changes nothing, though something else lies there."""
        before = self.outcome.entries.get(student) or self.of_lesson.get(student)
        if before is None or (before.platform, before.number) != (entry.platform, entry.number):
            return ""
        if recency(entry.names) < recency(before.names):
            return OLDER
        mended = dict(_contents(self._place(student))) != dict(_contents(last.folder))
        return SAME if mended and before.digest == entry.digest else ""

    @cached_property
    def of_lesson(self) -> dict[str, Entry]:
        try:
            return entries(self.classroom, self.lesson)
        except CourseError:  # it is written anew
            return {}

    def _here(self, student: str) -> list[dict[str, bytes]]:
        """What was collected of a student before, the attempts as well."""
        kept = (self.classroom.attempts / student / self.lesson).glob("*")
        earlier = (path for path in kept if path.suffix != GRADED and not no_folder(path))
        return [dict(_contents(folder)) for folder in (self._place(student), *earlier)]

    def _put_one(
        self, student: str, each: Handed, person: Person | None, kept: list[Path]
    ) -> tuple[str, str]:
        """What became of it, and what to know of its time. kept: where those before it lie."""
        place = self._place(student)
        stamp, note = self._time(each, person)
        if stamp:
            (each.folder / STAMP).write_text(f"{stamp}\n", encoding="utf-8")
        before, now = dict(_contents(place)), dict(_contents(each.folder))
        if not place.exists():
            what = NEW
        elif before == now:
            there = _stamp(place)
            told = handed_in(each.folder / STAMP)
            vague = told is not None and told.when is None  # and a person may have put it right
            settled = not stamp or there == stamp or (there and vague)
            what = SAME if settled else STAMPED
        else:
            what = AGAIN
            kept.append(attempt_of(self.classroom, student, self.lesson))
        if not self.dry_run:
            if what == STAMPED:
                shutil.copyfile(each.folder / STAMP, place / STAMP)
            elif what in (NEW, AGAIN):
                _move_in(each.folder, place, kept[-1] if what == AGAIN else None)
        if what == SAME and (said := handed_in(place / STAMP)) and said.when:
            note = ""  # somebody has told when
        return what, note

    def _time(self, each: Handed, person: Person | None) -> tuple[str, str]:
        """What its timestamp.txt is to say, and what to know of that."""
        if each.of.number in self.times and platform(each.names[0]) == "canvas":
            return self.times[each.of.number], ""
        if each.names[0] in self.submitted and self.submitted[each.names[0]].stamp:
            return self.submitted[each.names[0]].stamp, ""
        when = each.of.when or (person.when if person else "")
        if when:
            if self.zone is None:
                return "", NO_ZONE
            try:
                return moment(when, self.zone), ""
            except Unclear as why:
                # Which grading tells again, until a person has put it right.
                return in_zone(when, self.zone), f"the time that is told is not clear: {why}"
        if each.is_late:
            return LATE, "late, says Canvas, and not when"
        return "", NO_TIME if self.zone else ""

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


NO_ZONE = "it is told when, and not in which time zone: --timezone PLACE"
NO_TIME = "nothing tells when, neither the roster nor a name: --timezone has no effect"


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
