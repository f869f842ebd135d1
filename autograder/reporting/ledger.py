"""What the gradebook holds of a class, looked at and left as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Student,
    SubmittedAssignment,
)
from sqlalchemy import Connection, inspect, select

from autograder.grading.database import check_age, explained, file_of, reading
from autograder.grading.gradebook import NO_RESPONSE, due_of, of_cells, of_penalties

Key = tuple[str, str]
"""A student and a lesson."""
Cell = tuple[str, str, str, str]
"""A student, a lesson, a notebook and a cell."""
GIVEN = Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade


class Row(NamedTuple):
    """What people gave for one answer, and whether it waits for one of them."""

    manual: float | None
    extra: float
    waits: bool


@dataclass
class Ledger:
    """students: every one that is entered, with a name where there is more than the id.

    due: of each lesson. extensions, when (handed in), penalties: by student and lesson. blank:
    answers that are as they were released. Times are in UTC and without a zone.
    """

    students: dict[str, str] = field(default_factory=dict)
    due: dict[str, datetime | None] = field(default_factory=dict)
    extensions: dict[Key, timedelta | None] = field(default_factory=dict)
    when: dict[Key, datetime | None] = field(default_factory=dict)
    penalties: dict[Key, float] = field(default_factory=dict)
    grades: dict[Cell, Row] = field(default_factory=dict)
    blank: set[Cell] = field(default_factory=set)

    @classmethod
    def read(cls, db_url: str) -> Ledger:
        """Empty where there is no gradebook yet. Raises `CourseError` where it cannot be read."""
        path = file_of(db_url)
        if path is not None and not path.exists():
            return cls()
        with explained(db_url):
            check_age(db_url)
            with reading(db_url) as book:
                return _read(book) if inspect(book).get_table_names() else cls()

    def due_for(self, student: str, lesson: str) -> datetime | None:
        """With this student's own extension."""
        return due_of(self.due.get(lesson), self.extensions.get((student, lesson)))


def _read(book: Connection) -> Ledger:
    found = Ledger()
    students: Any = select(Student.id, Student.first_name, Student.last_name)
    for name, *parts in book.execute(students):
        found.students[name] = " ".join(filter(None, parts))
    lessons: Any = select(Assignment.name, Assignment.duedate)
    found.due = {row.name: row.duedate for row in book.execute(lessons)}
    for student, lesson, when, more in book.execute(_of_submissions()):
        found.when[student, lesson], found.extensions[student, lesson] = when, more
    for student, lesson, penalty in book.execute(of_penalties()):
        key = student, lesson
        found.penalties[key] = found.penalties.get(key, 0.0) + (penalty or 0.0)
    for *place, manual, extra, waits in book.execute(of_cells(Grade, *GIVEN)):
        found.grades[_cell(place)] = Row(manual, extra or 0.0, bool(waits))
    unanswered = of_cells(Comment).where(Comment.auto_comment == NO_RESPONSE)
    found.blank = {_cell(list(place)) for place in book.execute(unanswered)}
    return found


def _cell(place: list[str]) -> Cell:
    student, lesson, notebook, cell = place
    return student, lesson, notebook, cell


def _of_submissions() -> Any:
    at = SubmittedAssignment
    return select(at.student_id, Assignment.name, at.timestamp, at.extension).join(
        Assignment, Assignment.id == at.assignment_id
    )
