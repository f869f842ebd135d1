"""What a class answered, as it was graded: from `autograded/`, where each answer has its place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.classroom import Classroom, Place, kept, losses
from autograder.course import (
    Course,
    CourseError,
    grade_id,
    is_grade,
    is_own,
    is_solution,
)
from autograder.grading.places import defines, normal


@dataclass(frozen=True)
class Work:
    """A student's graded notebook. reasons: why an exercise lost points, by its name."""

    place: Place
    cells: list[NotebookNode]
    reasons: Mapping[str, str] = field(default_factory=dict)


def released(course: Course, classroom: Classroom, lesson: str, notebook: str) -> NotebookNode:
    """The notebook as students got it: the class's own release, or the course's."""
    for folder in (classroom.release, course.notebooks):
        path = folder / lesson / f"{notebook}.ipynb"
        if path.is_file():
            return nbformat.read(path, 4)
    raise CourseError(f"there is no release of {lesson}: run autograder grade first")


def works(classroom: Classroom, lesson: str) -> Iterator[Work]:
    """Every graded notebook of a lesson, by student and name. What is a link or damaged is none."""
    for folder in sorted(classroom.autograded.glob(f"*/{lesson}")):
        for path in sorted(folder.glob("*.ipynb")):
            place = Place(folder.parent.name, lesson, path.stem)
            cells = _cells(path)
            if cells is not None:
                yield Work(place, cells, _reasons(classroom, place))


def _cells(path: Path) -> list[NotebookNode] | None:
    if path.is_symlink() or not path.is_file():
        return None
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            cell.pop("outputs", None)  # they are not used, and take long to convert
            cell["source"] = "".join(cell["source"])  # nbgrader writes lists of lines
        return [nbformat.from_dict(cell) for cell in cells]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _reasons(classroom: Classroom, place: Place) -> dict[str, str]:
    record = kept(classroom.record(*place)) or {"marks": {}}
    return dict(losses(record["marks"]))


def code_answers(work: Work, release: NotebookNode) -> Iterator[tuple[str, str]]:
    """The name of each exercise that a student answered in code, and the answer.

    One that stands in a cell of the student's own is found by the name that it defines.
    """
    own = [cell.source for cell in work.cells if is_own(cell) and cell.cell_type == "code"]
    there = {grade_id(cell): cell.source for cell in work.cells if is_solution(cell)}
    for cell in release.cells:
        if not is_solution(cell) or is_grade(cell) or cell.cell_type != "code":
            continue
        name = grade_id(cell)
        asked = defines(cell.source) or frozenset({name})
        source = there.get(name, "")
        if normal(source) in ("", normal(cell.source)):
            source = "\n".join(text for text in own if asked & defines(text))
        if source.strip():
            yield name, source
