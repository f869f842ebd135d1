"""A submission: which file a student handed in, and the notebook that is graded for it.

What is graded is the course's own release with the student's answers put in, found by cell id or
grade id, and the pictures that were pasted into one. Nothing else of the submission is used: no
metadata, tags, test cells or extra cells.
"""

from __future__ import annotations

import json
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course import CourseError, grade_id, is_grade, is_solution

LARGEST = 30_000_000
"""Bytes; a notebook above this is not read."""
LITTER = ("desktop.ini", "Thumbs.db")
"""What systems put into folders, besides what begins with a dot."""
TURNS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters after which text runs the other way: a name would be shown as another."""
HIDDEN = "the student's folder is hidden: rename it, without the dot at its beginning"
MARKUP = frozenset('<>"\\')
"""Formgrader writes names into its pages as they are: into HTML, and between quotes of a script."""


class Unreadable(Exception):
    """The file is not a notebook; the message says why."""


@dataclass(frozen=True)
class Submission:
    student: str
    lesson: str
    folder: Path

    def file(self, notebook: str) -> Path:
        return self.folder / f"{notebook}.ipynb"


@dataclass(frozen=True)
class Rebuilt:
    """The notebook to grade, the cells left unanswered, and what was put right, in words."""

    notebook: NotebookNode
    notes: tuple[str, ...]


@dataclass(frozen=True)
class SubmittedCell:
    id: str
    grade_id: str
    source: str
    code: bool
    attachments: object = None


@dataclass(frozen=True)
class NotRead:
    """What lies in `submitted/` and is not graded: why, and what to do.

    lesson: empty where it is the student's whole folder.
    """

    student: str
    lesson: str
    why: str


def submissions(submitted: Path, lessons: list[str]) -> tuple[list[Submission], list[NotRead]]:
    """Every `submitted/STUDENT/LESSON/`, in order: as it lies there, or why it is not read."""
    try:
        names = sorted(set(os.listdir(submitted)) - set(LITTER))
    except (FileNotFoundError, NotADirectoryError):
        should = "it should hold STUDENT/LESSON/LESSON.ipynb"
        raise CourseError(f"there is no folder {submitted}; {should}") from None
    found: list[Submission] = []
    left: list[NotRead] = []
    for name in names:
        for each in _handed_in(submitted / name, lessons):
            if name.startswith("."):
                if each.lesson:
                    left.append(NotRead(each.student, each.lesson, HIDDEN))
            elif isinstance(each, NotRead):
                left.append(each)
            else:
                found.append(each)
    if not found and not left:
        raise CourseError(f"{submitted} holds no submission of {', '.join(lessons)}")
    return found, left


def _handed_in(folder: Path, lessons: list[str]) -> Iterator[Submission | NotRead]:
    """What a student's folder holds of these lessons."""
    student = shown_name(folder.name)
    try:
        why = unreadable_name(folder.name) or no_folder(folder)
        if why:
            yield NotRead(student, "", why)
            return
        there = [lesson for lesson in lessons if _exists(folder / lesson)]
        for lesson in there:
            why = no_folder(folder / lesson)
            yield (
                NotRead(student, lesson, why)
                if why
                else Submission(student, lesson, folder / lesson)
            )
        yield from _misplaced(folder, lessons, there)
    except OSError as error:
        yield NotRead(student, "", why_not(error))


def _misplaced(folder: Path, lessons: list[str], there: list[str]) -> Iterator[NotRead]:
    """What would be read if it had its lesson's exact name, or lay in its lesson's folder."""
    try:
        names = sorted(os.listdir(folder))
    except PermissionError:  # it may be entered all the same, which is enough for the rest
        return
    for lesson in lessons:
        if lesson in there and lesson not in names:
            continue  # a file system for which these are one name
        for name in names:
            why = ""
            if name != lesson and _folded(name) == _folded(lesson):
                why = f"it is called {shown_name(name)}: rename it to exactly {lesson}"
            elif lesson not in there and _folded(name) == _folded(f"{lesson}.ipynb"):
                why = f"{shown_name(name)} lies outside its folder: move it to {lesson}/"
            if why:
                yield NotRead(folder.name, lesson, why)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _exists(path: Path) -> bool:
    """Whether there is anything of this name. Raises `OSError` where that cannot be found out."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    return True


def no_folder(path: Path) -> str:
    """Why this is no folder to be read, and what to do; empty where it is one."""
    found = os.lstat(path).st_mode
    if stat.S_ISLNK(found):
        return "it is a link, which could lead to another student's work: put the folder here"
    return "" if stat.S_ISDIR(found) else "it is no folder: put the notebook into one of that name"


def unreadable_name(name: str) -> str:
    """Why no table, page or gradebook can hold this name, and what to do; empty where all can."""
    if any("\ud800" <= c <= "\udfff" for c in name):
        return "its name is no UTF-8: rename it"
    if any(unicodedata.category(c) in ("Cc", "Zl", "Zp") or c in TURNS for c in name):
        return "its name holds a character that cannot be shown: rename it"
    found = sorted(MARKUP & set(name))
    if found:
        return f"its name holds {' '.join(found)}, which a web page would obey: rename it"
    return ""


def shown_name(name: str) -> str:
    """The name itself, or with escapes where it is unreadable."""
    if not unreadable_name(name):
        return name
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def why_not(error: OSError) -> str:
    """Why something could not be read though the student is not at fault, and what to do."""
    if isinstance(error, PermissionError):
        return "it may not be read: give the grader the right to"
    if isinstance(error, FileNotFoundError):
        return "it vanished while the class was read: grade again"
    return f"it cannot be read ({error.strerror or type(error).__name__}): look into it"


def read(path: Path) -> bytes:
    """A submitted file's content, or `Unreadable`. What is no plain file of its own is not read.

    A link could lead to another student's work or to the gradebook, and a pipe would never end.
    Raises `OSError` where it is not the student's fault that nothing can be read.
    """
    if not _exists(path):
        os.lstat(path.parent)
        raise Unreadable(f"there is no file {path.name}")
    _refuse(os.lstat(path))
    nofollow = getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, os.O_RDONLY | nofollow | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        _refuse(os.fstat(descriptor))  # another may have taken its place
        return file.read(LARGEST)


def _refuse(found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise Unreadable("the file is a link")
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable("it is no file, but something else of that name")
    if found.st_size > LARGEST:
        raise Unreadable(f"the file is larger than {LARGEST // 10**6} MB")


def read_cells(content: bytes) -> list[SubmittedCell]:
    """The cells of a submitted file, or `Unreadable`. Asks only for what is needed of it."""
    if content.startswith(b"PK"):
        raise Unreadable("the file is not a notebook: it is a zip archive")
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError, MemoryError):
        raise Unreadable("the file is not a notebook: it is not valid JSON") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("the file is not a notebook: it has no list of cells")
    return list(_cells(cells))


def _cells(cells: list) -> Iterator[SubmittedCell]:
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", "")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        metadata = cell.get("metadata")
        mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        name = mark.get("grade_id") if isinstance(mark, dict) else None
        if isinstance(source, str):
            code = cell.get("cell_type") == "code"
            attached = cell.get("attachments")
            yield SubmittedCell(_text(cell.get("id")), _text(name), source, code, attached)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def rebuild(release: NotebookNode, content: bytes | Unreadable) -> Rebuilt:
    """The release with this file's answers in it; an unreadable file counts as unanswered."""
    notebook = nbformat.from_dict(json.loads(json.dumps(release)))
    try:
        if isinstance(content, Unreadable):
            raise content
        submitted = read_cells(content)
    except Unreadable as reason:
        return Rebuilt(notebook, (f"{reason}; every question counts as unanswered",))
    notes = []
    for cell in notebook.cells:
        name = grade_id(cell)
        if not name:
            continue
        found = [c for c in submitted if name in (c.id, c.grade_id)]
        original = next((c for c in found if c.id == name), found[0] if found else None)
        if is_solution(cell):
            if original is None:
                notes.append(f"the answer cell {name} is missing: it counts as unanswered")
                continue
            notes += _odd_answer(cell, original, len(found))
            cell.source = without_nul(original.source)
            if cell.cell_type == "markdown" and original.attachments:
                cell["attachments"] = original.attachments  # the grader keeps its pictures
        elif is_grade(cell):
            notes += _odd_test(cell, original, len(found))
    notes += _left_out(notebook, submitted)
    return Rebuilt(notebook, tuple(notes))


def _odd_answer(cell: NotebookNode, original: SubmittedCell, count: int) -> Iterator[str]:
    name = grade_id(cell)
    if count > 1:
        yield f"the answer cell {name} stands {count} times: one was graded"
    if original.grade_id != name:
        yield f"the answer cell {name} was renamed: it was found by its id"
    if original.code != (cell.cell_type == "code"):
        yield f"the answer cell {name} had another type: it was put right"


def _odd_test(cell: NotebookNode, original: SubmittedCell | None, count: int) -> Iterator[str]:
    name = grade_id(cell)
    if cell.cell_type != "code":
        return
    if original is None:
        yield f"the test cell {name} was deleted: it was put back"
    elif original.source != cell.source or not original.code:
        yield f"the test cell {name} was changed: the course's own was used"
    elif count > 1:
        yield f"the test cell {name} stands {count} times: it counts once"


def _left_out(release: NotebookNode, submitted: list[SubmittedCell]) -> Iterator[str]:
    """Cells of the student's own, which are not graded: an answer may need what they define."""
    known = {c.get("id") for c in release.cells} | {grade_id(c) for c in release.cells}
    known -= {"", None}
    sources = {c.source for c in release.cells}
    own = [
        c
        for c in submitted
        if c.code and c.source.strip() and c.source not in sources
        and (c.id not in known and c.grade_id not in known)
    ]  # fmt: skip
    if own:
        some = "a code cell" if len(own) == 1 else f"{len(own)} code cells"
        verb = "was" if len(own) == 1 else "were"
        yield f"{some} outside the answers {verb} left out"


def without_nul(source: str) -> str:
    """A source that can be stored: no database and no parser takes a NUL or half a character."""
    return source.replace("\0", "").encode("utf-8", "replace").decode()
