"""What a class of three questions earned: in the gradebook, and as it is read from there."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta

from nbgrader.api import Gradebook
from sqlalchemy.exc import SAWarning

from autograder.lms.points import Earned, Points

LESSON = "01-small"
DUE = datetime(2026, 3, 2, 21, 0)
OF = {"sigmoid": 3.0, "square": 4.0, "why": 3.0}
Class = dict[str, tuple[float, float, float | None]]
"""By student: points of square, sigmoid, and of the written answer, or None while it waits."""


def earned(every: Class, **penalty: float) -> Points:
    students = {}
    for student, (square, sigmoid, why) in every.items():
        points = {"square": square, "sigmoid": sigmoid, "why": why or 0.0}
        waits = {"why"} if why is None else set()
        students[student] = Earned(points, waits, penalty.get(student, 0.0))
    return Points(LESSON, dict(OF), students)


def enter(book: Gradebook, every: Class, penalty: dict[str, float]) -> None:
    """The same in nbgrader's gradebook."""
    book.add_assignment(LESSON, duedate=DUE)
    book.add_notebook(LESSON, LESSON)
    for name, most in (("test-square", 4), ("test-sigmoid", 3), ("why", 3)):
        book.add_grade_cell(name, LESSON, LESSON, max_score=most, cell_type="code")
    with warnings.catch_warnings(category=SAWarning, action="ignore"):  # of nbgrader's own
        for student, points in every.items():
            submit(book, student, points, penalty.get(student))
    book.db.commit()


def submit(
    book: Gradebook, student: str, points: tuple[float, float, float | None], penalty: float | None
) -> None:
    book.add_student(student)
    submission = book.add_submission(LESSON, student, timestamp=DUE + timedelta(hours=1))
    (notebook,) = submission.notebooks
    notebook.late_submission_penalty = penalty
    for grade in notebook.grades:
        value = points[("test-square", "test-sigmoid", "why").index(grade.name)]
        if grade.name == "why":
            grade.manual_score, grade.needs_manual_grade = value, value is None
        else:
            grade.auto_score, grade.needs_manual_grade = value, False
