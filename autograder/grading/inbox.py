"""What lies in `submitted/`: each student's submission of each lesson, and what is none.

Files lie as STUDENT/LESSON/LESSON.ipynb, or near enough: in other letter case, without the lesson's
folder, in a zip, as a learning platform names them. What cannot be taken is told, with what to do.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from autograder.classroom import missing
from autograder.course import CourseError
from autograder.grading.archives import (
    IN_VAIN,
    LARGEST_OF_CLASS,
    LARGEST_OF_STUDENT,
    STAMP,
    THEIRS,
    WORD,
    Left,
    NoArchive,
    disowned,
    free,
    is_archive,
    litter,
    note_late,
    unpack,
)
from autograder.grading.database import for_all
from autograder.grading.files import (
    LARGEST,
    exists,
    is_plain,
    lesson_places,
    listed,
    no_folder,
    walked,
    why_not,
)
from autograder.grading.names import (
    NAMED,
    alike,
    is_notebook,
    may_be,
    nearness,
    shown_name,
    unreadable_name,
)
from autograder.grading.platforms import called, latest, of_platform, overviews

HIDDEN = "the student's folder is hidden: rename it, without the dot at its beginning"
PACKED_OTHERWISE = "it is an archive, and of another kind than zip: unpack it here"
DEEPEST_ARCHIVE = 2
"""A class's archive holds the students', and those their files."""
MOST_ZIPS, MOST_TOLD = 50, 5
"""Archives of a student that are opened; files of a student that are told one by one."""


@dataclass(frozen=True)
class Submission:
    """What a student handed in for a lesson. alone: the folder holds nothing but this lesson.

    around: where the file that says when lies, if not in that folder: beside the student's archive.
    attempt: the name of an earlier one's folder, where this is none of `submitted/`.
    """

    student: str
    lesson: str
    folder: Path
    alone: bool = True
    around: Path | None = None
    attempt: str = ""

    @property
    def stamp(self) -> Path:
        """The file that says when it was handed in, which is none of the student's own making."""
        return (self.around or self.folder) / STAMP


@dataclass(frozen=True)
class NotRead:
    """What lies in `submitted/` and is not graded: why, and what to do.

    lesson: empty where it is the student's whole folder; else the lesson, or what lies there.
    """

    student: str
    lesson: str
    why: str


def submissions(
    submitted: Path, lessons: list[str], aside: Path | None = None, known: Iterable[str] = ()
) -> tuple[list[Submission], list[NotRead]]:
    """Everything that was handed in of these lessons, in order, and what is not read.

    aside: a folder to unpack archives into; without one they are told. known: the course's other
    lessons, which are left alone.
    """
    try:
        here = os.listdir(submitted)
    except (FileNotFoundError, NotADirectoryError):
        raise missing(submitted) from None
    beside = overviews(here)
    # Hidden folders may be a student's by mistake, and are looked into.
    ours = {n for n in here if not n.startswith(".") and litter(PurePosixPath(n))}
    names = latest(sorted({*here} - {*beside} - ours))
    search = Search(lessons, frozenset(map(alike, {*lessons, *known})), aside, called(names))
    handed: list[tuple[tuple[int, bool], str, Submission]] = []
    left: list[NotRead] = []
    for name in names:
        search.left = LARGEST_OF_CLASS
        for each in search.entry(submitted / name):
            if name.startswith("."):
                if each.lesson in lessons:
                    left.append(NotRead(each.student, each.lesson, HIDDEN))
            elif isinstance(each, NotRead):
                left.append(each)
            else:
                own = alike(each.student) in map(alike, search.within[-1:])
                handed.append(((len(search.within), not own), name, each))
    found: dict[tuple[str, str], Submission] = {}
    # An archive may be of anybody's making: folders come first, then what is called as the student.
    for _, name, each in sorted(handed, key=lambda one: one[0]):
        if (each.student, each.lesson) in found:
            why = "it was handed in a second time, and the other was graded: keep one of them"
            left.append(NotRead(each.student, shown_name(f"{each.lesson} in {name}"), why))
        else:
            found[each.student, each.lesson] = each
    if not found and not left:
        raise CourseError(f"{submitted} holds no submission of {', '.join(lessons)}")
    return [each for _, _, each in handed if found[each.student, each.lesson] is each], left


@dataclass
class Search:
    """One reading of `submitted/`.

    known: the names of all lessons, as `alike` has them. called: students, by a platform's name and
    number. gathered: those whose lone files have been put together. within: the archives and
    downloads that the reading is in. left: bytes that may still be unpacked.
    """

    lessons: list[str]
    known: frozenset[str]
    aside: Path | None
    called: dict[tuple[str, str], str] = field(default_factory=dict)
    gathered: set[tuple[Path, str]] = field(default_factory=set)
    unpacked: int = 0
    within: list[str] = field(default_factory=list)
    left: int = LARGEST_OF_CLASS

    def entry(self, path: Path, told: bool = False) -> Iterator[Submission | NotRead]:
        """What an entry of the folder holds: a student's folder, an archive, or a lone file.

        told: it is the folder of a student whom a platform's name has told; no name in it tells.
        """
        name = shown_name(path.name)
        try:
            why = unreadable_name(path.name) or no_folder(path)
            whose = name if told else self._whose(path.name)
            if not why and not whose and _is_download(path):
                yield from self._download(path)
            elif not why:
                yield from self.student(whose or name, path)
            elif unreadable_name(path.name) or not is_plain(path):
                yield NotRead(name, "", why)
            elif path.suffix.lower() == ".zip":
                yield from self._archive(path)
            else:
                yield from self._lone_file(path, why)
        except OSError as error:
            if for_all(error):
                raise
            yield NotRead(name, "", why_not(error))

    def _download(self, folder: Path) -> Iterator[Submission | NotRead]:
        """A platform's download of a class, unpacked into a folder of its own."""
        names = listed(folder)
        self.called |= called(names)
        self.within.append(folder.name)
        for name in latest(names):
            yield from self.entry(folder / name)
        self.within.pop()

    def _whose(self, name: str) -> str:
        """The student whom a platform's name tells; empty where it is no such name."""
        told = of_platform(name)
        return self.called.get(told.key, told.student) if told else ""

    def _lone_file(self, path: Path, why: str) -> Iterator[Submission | NotRead]:
        """A file of the class's folder itself: whose it is a platform's name may tell."""
        told, student = of_platform(path.name), self._whose(path.name)
        if self.aside is None or told is None or not told.file:
            if is_archive(path.name):
                why = PACKED_OTHERWISE
            elif is_notebook(path.name):
                why = "whose it is cannot be told: put it into the student's folder"
            yield NotRead(path.name, "", why)
            return
        if (path.parent, student) in self.gathered:  # with the first of the student's files
            return
        self.gathered.add((path.parent, student))
        folder = self._room() / student
        folder.mkdir()
        for each in map(path.parent.joinpath, listed(path.parent)):
            other = of_platform(each.name)
            if other is None or other._replace(file=told.file) != told:
                continue
            if not (other.file and is_plain(each)):
                continue
            if each.lstat().st_size > LARGEST:
                why = f"it is larger than {LARGEST // 10**6} MB: look into it"
                yield NotRead(shown_name(each.name), "", why)
                continue
            file = THEIRS if other.file == STAMP else other.file
            shutil.copyfile(each, free(folder / file), follow_symlinks=False)
            note_late(each.name, folder)
        yield from self.student(student, folder)

    # --- A student's folder

    def student(self, name: str, folder: Path) -> Iterator[Submission | NotRead]:
        """What a student's folder holds of these lessons, and what in it is of no lesson."""
        roots = {folder: folder}
        used: set[Path] = set()
        before, self.left = self.left, min(self.left, LARGEST_OF_STUDENT)
        most = self.left
        zips = [path for path in map(folder.joinpath, listed(folder)) if _is_zip(path)]
        for archive in zips[: MOST_ZIPS if self.aside is not None else 0]:
            try:
                room, _ = self._unpacked(archive, LARGEST_OF_STUDENT)
                roots[room] = archive
            except NoArchive as error:
                used.add(archive)
                yield NotRead(name, shown_name(archive.name), str(error))
        for lesson in self.lessons:
            yield from self._lesson(name, lesson, list(roots), used)
        for root, archive in roots.items():
            if any(root in path.parents for path in used) or self._holds_lessons(root):
                used.add(archive)
        self.left = before - (most - self.left)
        yield from self._of_no_lesson(name, folder, used)

    def _lesson(
        self, student: str, lesson: str, roots: list[Path], used: set[Path]
    ) -> Iterator[Submission | NotRead]:
        """The first place of this lesson is taken; the others are told."""
        taken = False
        for root in roots:
            for path, alone in lesson_places(root, lesson):
                used.add(path)
                folder = path if alone else path.parent
                around = folder if root == roots[0] else roots[0]
                why = no_folder(path) if alone else ""
                if not why and alone:
                    path, why = self._opened(path)
                if why:
                    yield NotRead(student, lesson, why)
                elif not taken:
                    folder = path if alone else path.parent
                    yield Submission(student, lesson, folder, alone, around)
                    taken = True
                elif not alone or any(map(_is_work, walked(path))):
                    why = f"another was graded for {lesson}: keep one of them"
                    yield NotRead(student, shown_name(path.name), why)

    def _opened(self, folder: Path) -> tuple[Path, str]:
        """A lesson's folder; where it holds but an archive, that one's content."""
        inside = list(walked(folder)) if self.aside is not None else []
        zips = [path for path in inside if _is_zip(path)]
        if not zips or any(is_notebook(path.name) for path in inside):
            return folder, ""
        try:
            return self._unpacked(zips[0], LARGEST_OF_STUDENT)[0], ""
        except NoArchive as error:
            return folder, f"{shown_name(zips[0].name)}: {error}"

    def _of_no_lesson(self, student: str, folder: Path, used: set[Path]) -> Iterator[NotRead]:
        """What of the student's folder was not used, and what to do."""
        flat = any(path.parent == folder and is_plain(path) for path in used if exists(path))
        left = []
        for name in listed(folder):
            path = folder / name
            taken = any(path == place or path in place.parents for place in used - {folder})
            if taken or alike(name) in self.known or name in (STAMP, WORD):
                continue
            beside = flat and not is_archive(name) and not is_notebook(name)
            if self._is_known(name) or (beside and is_plain(path)):
                continue
            left.append(shown_name(name))
        why = "no lesson is called so: give it the lesson's name, or leave it out"
        for name in left[:MOST_TOLD]:
            packed = is_archive(name) and not name.lower().endswith(".zip")
            yield NotRead(student, name, PACKED_OTHERWISE if packed else why)
        if len(left) > MOST_TOLD:
            yield NotRead(student, f"{len(left) - MOST_TOLD} more", why)

    def _is_known(self, name: str) -> bool:
        """Whether a file's name says that it is of some lesson of the course."""
        return any(may_be(name, lesson) for lesson in self.known)

    # --- Archives

    def _archive(self, path: Path) -> Iterator[Submission | NotRead]:
        """An archive in the class's folder: of a class, or of the student of its name."""
        name = shown_name(path.name)
        if self.aside is None:
            yield NotRead(name, "", "it is a zip archive: unpack it here")
            return
        if len(self.within) >= DEEPEST_ARCHIVE:
            yield NotRead(name, "", "it is an archive within others: unpack it here")
            return
        left, whose = Left(), self._whose(path.name)
        most = LARGEST_OF_STUDENT if whose or self.within else LARGEST_OF_CLASS
        try:
            root, students = self._unpacked(path, most, left)
            if left and not students:  # one student's, which is read as a whole or not
                root, students = self._unpacked(path, most)
        except NoArchive as error:
            yield NotRead(name, "", str(error))
            return
        yield from (NotRead(name, file, why) for file, why in left[:MOST_TOLD])
        if whose:  # whatever the names are that it holds
            disowned(root, path.name)
            if len(students) > 1:
                yield NotRead(name, "", "it holds files of several students: unpack it here")
            else:
                yield from self.student(whose, root)
            return
        while len(inside := listed(root)) == 1 and not no_folder(root / inside[0]):
            below = root / inside[0]
            if inside[0] in students or any(map(self._holds_lessons, (root, below))):
                break
            root = below
        if not self._holds_lessons(root):
            if self.within or [*map(alike, inside)] == [alike(path.stem)]:  # one student's
                disowned(root)
            self.within.append(path.stem)
            for each in inside:
                yield from self.entry(root / each, each in students)
            self.within.pop()
        elif alike(path.stem) in self.known or self._of_several(inside):
            yield NotRead(name, "", "whose it is cannot be told: put it into the student's folder")
        else:
            yield from self.student(path.stem, disowned(root))

    def _of_several(self, names: list[str]) -> bool:
        """Whether two files have a lesson's name and more, as in `Jane Doe - LESSON.ipynb`."""
        files = filter(is_notebook, names)
        named = Counter(of for n in files for of in self.known if nearness(n, of) == NAMED)
        return max(named.values(), default=0) > 1

    def _holds_lessons(self, folder: Path) -> bool:
        return any(alike(n) in self.known or self._is_known(n) for n in listed(folder))

    def _unpacked(
        self, archive: Path, most: int, left_out: Left | None = None
    ) -> tuple[Path, frozenset[str]]:
        """The folder with an archive's content, and whose it is where names tell that. What fails
        costs it alone. most, left_out: as for `unpack`.
        """
        room = self._room()
        try:
            size, students = unpack(archive, room, min(most, self.left), left_out)
        except (NoArchive, OSError) as error:
            shutil.rmtree(room, ignore_errors=True)
            self.left -= IN_VAIN
            if isinstance(error, OSError) and for_all(error):
                raise
            raise NoArchive(why_not(error) if isinstance(error, OSError) else str(error)) from error
        self.left -= size
        return room, students

    def _room(self) -> Path:
        """A new folder to unpack into."""
        assert self.aside is not None
        self.unpacked += 1
        room = self.aside / str(self.unpacked)
        room.mkdir()
        return room


def _is_download(folder: Path) -> bool:
    """Whether all that lies there is of several students, as a platform's names tell."""
    told = [of_platform(name) for name in listed(folder)]
    return None not in told and len({of.key for of in told if of}) > 1


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip" and is_plain(path)


def _is_work(path: Path) -> bool:
    return is_notebook(path.name) and is_plain(path)
