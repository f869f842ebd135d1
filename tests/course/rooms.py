"""A class of two that pretended workers grade; its pages and its gradebook are real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from nbgrader.api import Gradebook

from autograder.classroom import COURSE_ID, Classroom
from autograder.course import Course
from autograder.grading.pool import Done
from autograder.runner import Options, Outcome, grade
from benchmarks.classes import LESSON
from tests.course.troubled import pretended

WRITTEN = """
+++ {"nbgrader": {"grade": true, "grade_id": "one-more", "locked": false, "points": 2, \
"schema_version": 3, "solution": true, "task": false}}

### BEGIN SOLUTION
Because.
### END SOLUTION
"""


def with_pages(crew, orders, jobs) -> Iterator[Done]:
    for done in pretended(crew, orders, jobs):
        page = ""
        if done.order.page:
            graded = done.graded
            points = {name: mark.points for name, mark in graded.marks.items()}
            about = dict(zip(("student", "assignment", "notebook"), graded.place, strict=True))
            given = done.order.given.before(points)
            page = crew.pages.page(graded.notebook, points, given, about)
        yield replace(done, page=page)


def graded(room: Classroom, said: list[str] | None = None, **options) -> Outcome:
    say = (said if said is not None else []).append
    return grade(Course(room.folder), room, [LESSON], Options(**options), say=say)


@contextmanager
def opened(room: Classroom) -> Iterator[Gradebook]:
    with Gradebook(room.db_url, COURSE_ID) as book:
        yield book
        book.db.commit()


def by_hand(room: Classroom, points: float | None = 3.0, comment: str = "WELL SAID") -> None:
    with opened(room) as book:
        grade = book.find_grade("why", LESSON, LESSON, "amy")
        grade.manual_score, grade.needs_manual_grade = points, points is None
        book.find_comment("why", LESSON, LESSON, "amy").manual_comment = comment


def add(room: Classroom) -> None:
    path = room.folder / "source" / LESSON / f"{LESSON}.md"
    path.write_text(path.read_text() + WRITTEN)
