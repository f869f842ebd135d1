"""A sample class, made from the course itself: right, blank, mistaken and damaged submissions."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course import (
    Course,
    Lesson,
    grade_id,
    is_exercise,
    is_solution,
    is_test,
    is_written,
    without_markers,
)
from autograder.exercises import find
from autograder.exercises.base import Exercise

WRITTEN = "A written answer, for a person to grade."


def make_class(course: Course, submitted: Path) -> int:
    """Write one submission a lesson for each of `STUDENTS`; return how many there are."""
    shutil.rmtree(submitted, ignore_errors=True)
    count = 0
    for lesson in course.lessons():
        release = nbformat.read(course.notebooks / lesson.name / f"{lesson.name}.ipynb", 4)
        for student, make in STUDENTS.items():
            path = submitted / student / lesson.name / f"{lesson.name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            notebook = nbformat.from_dict(json.loads(json.dumps(release)))
            path.write_text(make(lesson, notebook), encoding="utf-8")
            count += 1
    return count


def answered(lesson: Lesson, notebook: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """The release with the worked solutions, except where `answers` has another."""
    right = solutions(lesson)
    for cell in notebook.cells:
        if is_exercise(cell):
            cell.source = answers.get(grade_id(cell)) or right[grade_id(cell)]
        elif is_written(cell):
            cell.source = WRITTEN
    return notebook


def solutions(lesson: Lesson) -> dict[str, str]:
    """Every worked solution, of one reading of the source."""
    cells = lesson.notebook().cells
    return {grade_id(c): without_markers(c.source) for c in cells if is_solution(c)}


def blank(lesson: Lesson, notebook: NotebookNode) -> str:
    return nbformat.writes(notebook)


def worked_solution(lesson: Lesson, notebook: NotebookNode) -> str:
    return nbformat.writes(answered(lesson, notebook, {}))


def mistakes(which: int) -> Callable[[Lesson, NotebookNode], str]:
    """Every third exercise answered with its misconception number `which`."""

    def make(lesson: Lesson, notebook: NotebookNode) -> str:
        chosen = planted(graded(lesson)[which % 3 :: 3], which)
        return nbformat.writes(answered(lesson, notebook, chosen))

    return make


def graded(lesson: Lesson) -> tuple[Exercise, ...]:
    """Those that count: what is for the curious is left out."""
    return tuple(map(find, lesson.exercises()))


def planted(bank: tuple[Exercise, ...], which: int) -> dict[str, str]:
    """A wrong answer for each of these exercises."""
    return {e.name: e.page.wrong[which % len(e.page.wrong)].source for e in bank if e.page.wrong}


def raises_at_the_top(lesson: Lesson, notebook: NotebookNode) -> str:
    """The first answer cell stops before it defines anything; so does a cell above it."""
    name = lesson.exercises()[0]
    broken = "import a_package_that_is_not_installed\n\n" + lesson.solution(name)
    notebook = answered(lesson, notebook, {name: broken})
    notebook.cells.insert(
        0, nbformat.v4.new_code_cell("raise RuntimeError('left over')", id="mine")
    )
    return nbformat.writes(notebook)


def endless_loop(lesson: Lesson, notebook: NotebookNode) -> str:
    name = lesson.exercises()[-1]
    loop = f"def {name}(*args, **kwargs):\n    while True:\n        pass"
    return nbformat.writes(answered(lesson, notebook, {name: loop}))


def not_a_notebook(lesson: Lesson, notebook: NotebookNode) -> str:
    return nbformat.writes(notebook)[:2000]


def shuffled_cells(lesson: Lesson, notebook: NotebookNode) -> str:
    """One answer copied, one deleted, one renamed; one test cell deleted and one copied."""
    notebook = answered(lesson, notebook, {})
    cells = {grade_id(c): c for c in notebook.cells if grade_id(c)}
    first, second, third = lesson.exercises()[:3]
    copy = nbformat.from_dict(json.loads(json.dumps(cells[first])))
    copy.id = "a-copy"
    notebook.cells.append(copy)
    notebook.cells.remove(cells[second])
    cells[third].metadata.nbgrader.grade_id = "renamed"
    tests = [c for c in notebook.cells if is_test(c)]
    notebook.cells.remove(tests[0])
    another = nbformat.from_dict(json.loads(json.dumps(tests[1])))
    another.id = "another-copy"
    notebook.cells.insert(0, another)
    return nbformat.writes(notebook)


STUDENTS: dict[str, Callable[[Lesson, NotebookNode], str]] = {
    "worked-solution": worked_solution,
    "blank": blank,
    "mistakes-1": mistakes(0),
    "mistakes-2": mistakes(1),
    "mistakes-3": mistakes(2),
    "raises-at-the-top": raises_at_the_top,
    "endless-loop": endless_loop,
    "not-a-notebook": not_a_notebook,
    "shuffled-cells": shuffled_cells,
}
