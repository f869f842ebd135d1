"""A submission: which file a student handed in, and the notebook that is graded for it.

What is graded is the course's own release with the student's answers put in, found by cell id or
grade id. Nothing else of the submission is used: no metadata, tags, test cells or extra cells.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course import CourseError, grade_id, is_grade, is_solution

LARGEST = 50_000_000
"""Bytes; a notebook above this is not read."""


class Unreadable(Exception):
    """The file is not a notebook; the message says why."""


@dataclass(frozen=True)
class Submission:
    student: str
    lesson: str
    path: Path


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


def submissions(submitted: Path, lessons: list[str]) -> list[Submission]:
    """Every `submitted/STUDENT/LESSON/LESSON.ipynb`, in order."""
    if not submitted.is_dir():
        raise CourseError(
            f"there is no folder {submitted}; it should hold STUDENT/LESSON/LESSON.ipynb"
        )
    found = [
        Submission(student.name, lesson, student / lesson / f"{lesson}.ipynb")
        for student in sorted(submitted.iterdir())
        if student.is_dir() and not student.name.startswith(".")
        for lesson in lessons
        if (student / lesson).is_dir()
    ]
    if not found:
        raise CourseError(f"{submitted} holds no submission of {', '.join(lessons)}")
    return found


def read_cells(path: Path) -> list[SubmittedCell]:
    """The cells of a submitted file, or `Unreadable`. Asks only for what is needed of it."""
    try:
        if path.stat().st_size > LARGEST:
            raise Unreadable(f"the file is larger than {LARGEST // 10**6} MB")
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise Unreadable(f"there is no file {path.name}") from None
    except (ValueError, RecursionError):
        raise Unreadable("the file is not a notebook: it is not valid JSON") from None
    cells = content.get("cells") if isinstance(content, dict) else None
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
            yield SubmittedCell(str(cell.get("id", "")), str(name or ""), source)


def rebuild(release: NotebookNode, path: Path) -> Rebuilt:
    """The release with this file's answers in it; an unreadable file counts as unanswered."""
    notebook = nbformat.from_dict(json.loads(json.dumps(release)))
    try:
        submitted = read_cells(path)
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
            if len(found) > 1:
                notes.append(f"the answer cell {name} stands {len(found)} times: one was graded")
            if original.grade_id != name:
                notes.append(f"the answer cell {name} was renamed: it was found by its id")
            cell.source = original.source
        elif is_grade(cell):
            if original is None:
                notes.append(f"the test cell {name} was deleted: it was put back")
            elif original.source != cell.source:
                notes.append(f"the test cell {name} was changed: the course's own was used")
            elif len(found) > 1:
                notes.append(f"the test cell {name} stands {len(found)} times: it counts once")
    return Rebuilt(notebook, tuple(notes))
