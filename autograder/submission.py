"""A submission: which file a student handed in, and the notebook that is graded for it.

What is graded is the course's own release with the student's answers put in, found by cell id or
grade id, and the pictures that were pasted into one. Nothing else of the submission is used: no
metadata, tags, test cells or extra cells.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unicodedata import category

import nbformat
from nbformat import NotebookNode

from autograder.course import CourseError, grade_id, is_grade, is_solution

O_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
LARGEST = 30_000_000
"""Bytes; a notebook above this is not read."""
MARKUP = frozenset('<>"\\')
"""Formgrader writes names into its pages as they are: into HTML, and between quotes of a script."""
UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of controls, halves of characters and separators of lines."""
TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of writing: a name would look like another one."""


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


def name_fault(name: str) -> str | None:
    """Why a folder of this name is not taken into the gradebook; None where it can be.

    Letters of any script, spaces, apostrophes, commas, brackets and `&` are as good as any.
    """
    if any(category(letter) == "Cs" for letter in name):
        return "its name is not in UTF-8: rename it"
    if any(category(letter) in UNPRINTABLE or letter in TURNING for letter in name):
        return "its name holds a character that cannot be printed: rename it"
    found = sorted(MARKUP & set(name))
    if found:
        return f"its name holds {' '.join(found)}, which a web page would obey: rename it"
    return None


def submissions(submitted: Path, lessons: list[str]) -> list[Submission]:
    """Every `submitted/STUDENT/LESSON/LESSON.ipynb`, in order."""
    if not submitted.is_dir():
        raise CourseError(
            f"there is no folder {submitted}; it should hold STUDENT/LESSON/LESSON.ipynb"
        )
    found = [
        Submission(student.name, lesson, student / lesson)
        for student in sorted(submitted.iterdir())
        if student.is_dir() and not student.name.startswith(".")
        for lesson in lessons
        if (student / lesson).is_dir() and not (student / lesson).is_symlink()
    ]
    if not found:
        raise CourseError(f"{submitted} holds no submission of {', '.join(lessons)}")
    return found


def read(path: Path) -> bytes:
    """A submitted file's content, or `Unreadable`. What is no plain file of its own is not read.

    A link could lead to another student's work or to the gradebook, and a pipe would never end.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | O_NONBLOCK)
    except FileNotFoundError:
        raise Unreadable(f"there is no file {path.name}") from None
    except OSError as error:
        link = error.errno == errno.ELOOP
        raise Unreadable("the file is a link" if link else f"the file: {error.strerror}") from None
    found = os.fstat(descriptor)
    why = None
    if not stat.S_ISREG(found.st_mode):
        why = "it is no file, but something else of that name"
    elif found.st_size > LARGEST:
        why = f"the file is larger than {LARGEST // 10**6} MB"
    if why:
        os.close(descriptor)
        raise Unreadable(why)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(LARGEST)


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
