"""What each student has earned: the gradebook, with what people gave and what lateness cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import nbformat
from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    TaskCell,
)
from sqlalchemy import func, select

from autograder.classroom import Classroom
from autograder.course import TEST_PREFIX, Course, CourseError, grade_id, is_grade, is_task
from autograder.grading.database import explained, file_of, opened
from autograder.grading.gradebook import of_cells, of_penalties, points_of
from autograder.grading.release import course_id, settings

PENALTY = "late penalty"
"""The column that takes off, by question, what lateness cost."""


@dataclass
class Earned:
    """One student's points in a lesson, by question.

    waits: questions that a person has yet to grade. penalty: points taken off for lateness.
    """

    points: dict[str, float] = field(default_factory=dict)
    waits: set[str] = field(default_factory=set)
    penalty: float = 0.0

    @property
    def total(self) -> float:
        return max(0.0, sum(self.points.values()) - self.penalty)


@dataclass
class Points:
    """A lesson's points. of: what each question gives at most, in the lesson's order."""

    lesson: str
    of: dict[str, float]
    students: dict[str, Earned]

    @property
    def most(self) -> float:
        return sum(self.of.values())


@contextmanager
def book_of(course: Course, classroom: Classroom) -> Iterator[Gradebook]:
    """The class's gradebook, which must be there. Raises `CourseError`."""
    path = file_of(classroom.db_url)
    if path is not None and not path.exists():
        raise CourseError(f"there is no gradebook {path}: run autograder grade first")
    config = settings(course, classroom)
    with explained(classroom.db_url), opened(classroom.db_url, course_id(config)) as book:
        yield book


def points_in(book: Gradebook, classroom: Classroom, lesson: str) -> Points:
    """Raises `CourseError` where nobody was graded for it."""
    of = {_label(*place): most for place, most in _questions(book, classroom, lesson).items()}
    students: dict[str, Earned] = {}
    given = Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade
    grades = of_cells(Grade, *given).where(Assignment.name == lesson)
    for row in book.db.execute(grades):
        earned = students.setdefault(row.student, Earned())
        question = _label(row.notebook, row.cell, lesson)
        earned.points[question] = points_of(row)
        if row.needs_manual_grade:
            earned.waits.add(question)
    penalties = of_penalties().where(Assignment.name == lesson)
    for student, _, penalty in book.db.execute(penalties):
        students.setdefault(student, Earned()).penalty += penalty or 0.0
    if not students:
        raise CourseError(f"nobody was graded for {lesson}: run autograder grade {lesson} first")
    return Points(lesson, of, students)


def _label(notebook: str, cell: str, lesson: str) -> str:
    name = cell.removeprefix(TEST_PREFIX)
    return name if notebook == lesson else f"{notebook}/{name}"


def _questions(
    book: Gradebook, classroom: Classroom, lesson: str
) -> dict[tuple[str, str, str], float]:
    """What the gradebook says that each question gives, in the release's order."""
    tests, tasks = GradeCell.__table__, TaskCell.__table__
    query = (
        select(
            Notebook.name.label("notebook"),
            BaseCell.name.label("cell"),
            func.coalesce(tests.c.max_score, tasks.c.max_score).label("of"),
        )
        .select_from(BaseCell)
        .outerjoin(tests, tests.c.id == BaseCell.id)
        .outerjoin(tasks, tasks.c.id == BaseCell.id)
        .join(Notebook, Notebook.id == BaseCell.notebook_id)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .where(Assignment.name == lesson)
    )
    found = {(r.notebook, r.cell): r.of for r in book.db.execute(query) if r.of is not None}
    order = list(_in_order(classroom, lesson))
    last = len(order)
    places = sorted(found, key=lambda p: (order.index(p) if p in order else last, p))
    return {(*place, lesson): found[place] for place in places}


def _in_order(classroom: Classroom, lesson: str) -> Iterator[tuple[str, str]]:
    for path in sorted((classroom.release / lesson).glob("*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            if is_grade(cell) or is_task(cell):
                yield path.stem, grade_id(cell)
