"""nbgrader's gradebook: what the grader writes into it, and what people have written before."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Set
from datetime import datetime, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import func, select, update
from traitlets.config import Config

from autograder.authoring.nbgrader_api import late_rule
from autograder.classroom import Place
from autograder.course import TEST_PREFIX
from autograder.grading.database import opened, plainly
from autograder.grading.policy import NOTHING, Policy
from autograder.grading.task import Given, Graded, Score
from autograder.grading.times import HandedIn, span

LONGEST_NAME = int(Student.__table__.c.id.type.length)
"""Characters of a student's name."""

TESTS, TASKS = GradeCell.__table__, TaskCell.__table__

NO_RESPONSE = "No response."
"""nbgrader's comment on an answer that is as it was released."""


class Book:
    """An open gradebook. One session for a whole class; one commit for each submission."""

    def __init__(self, book: Gradebook, config: Config, policy: Policy):
        self.book = book
        self.config = config
        self.policy = policy
        self.cells: dict[str, dict[str, dict[str, Any]]] = {}

    @classmethod
    @contextlib.contextmanager
    def open(
        cls, db_url: str, course_id: str, config: Config, policy: Policy = NOTHING
    ) -> Iterator[Book]:
        """Raises `CourseError` where it cannot be reached, or another nbgrader made it."""
        with opened(db_url, course_id) as book:
            yield cls(book, config, policy)

    def rollback(self) -> None:
        self.book.db.rollback()

    def takes(self, student: str) -> bool:
        """Whether this database takes a name of that length; SQLite takes any."""
        return self.book.engine.dialect.name == "sqlite" or len(student) <= LONGEST_NAME

    def enter_students(self, names: list[str]) -> None:
        known = {student.id for student in self.book.students}
        self.book.db.add_all(Student(id=name) for name in names if name not in known)
        self.book.db.commit()

    def assignments(self) -> set[str]:
        """Those that have been released, and not those that have no more than a due date."""
        return {str(each.name) for each in self.book.assignments if each.notebooks}

    def dates(self) -> dict[str, datetime]:
        """When lessons are due, in UTC; those that have no date are left out."""
        query: Any = select(Assignment.name, Assignment.duedate).order_by(Assignment.name)
        return {name: due for name, due in self.book.db.execute(query) if due}

    def source_cells(self, assignment: str) -> dict[str, dict[str, str]]:
        """The sources that nbgrader would put back before grading, by notebook and cell."""
        found = self.book.find_assignment(assignment)
        return {
            notebook.name: {c.name: c.source for c in notebook.source_cells if c.locked}
            for notebook in found.notebooks
        }

    def given(self, assignment: str) -> dict[tuple[str, str], Given]:
        """What people have given so far, by student and notebook."""
        grades, comments = (self._by_place(each, assignment) for each in (Grade, Comment))
        query: Any = (
            select(
                SubmittedAssignment.student_id,
                Notebook.name,
                SubmittedNotebook.late_submission_penalty,
                Assignment.duedate,
                SubmittedAssignment.extension,
            )
            .select_from(SubmittedNotebook)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(Assignment.name == assignment)
        )
        return {
            (student, name): given_of(
                grades.get((student, name), []),
                comments.get((student, name), []),
                penalty,
                due_of(due, extension),
            )
            for student, name, penalty, due, extension in self.book.db.execute(query)
        }

    def _by_place(self, what: Any, assignment: str) -> dict[tuple[str, str], list[Any]]:
        made: dict[tuple[str, str], list[Any]] = {}
        for row in self._rows(what, assignment, *what.__table__.columns):
            made.setdefault((row.student, row.notebook), []).append(row)
        return made

    def automatic(self, assignment: str) -> dict[tuple[str, str], dict[str, float | None]]:
        """The automatic points that stand in the gradebook, by student and notebook."""
        made: dict[tuple[str, str], dict[str, float | None]] = {}
        for row in self._rows(Grade, assignment, Grade.auto_score):
            made.setdefault((row.student, row.notebook), {})[row.cell] = row.auto_score
        return made

    def _rows(self, what: Any, assignment: str, *columns: Any) -> Any:
        query = of_cells(what, *columns).where(Assignment.name == assignment)
        return self.book.db.execute(query).all()

    @plainly()
    def write(self, graded: Graded, when: HandedIn | None, same: Set[str]) -> Score:
        """Enter a notebook's points. Manual points stay; a changed answer is to be looked at again.

        same: grade ids of those that are as they were when they were last graded.
        """
        notebook = self._submitted(graded.place, when)
        changes = []
        for grade in self._cells_of(Grade, notebook):
            if grade.cell not in graded.marks:
                continue
            points = graded.marks[grade.cell].points
            waits = points is None if grade.manual_score is None else grade.needs_manual_grade
            again = grade.manual_score is not None and grade.cell not in same
            named = {"id": grade.id, "auto_score": points, "needs_manual_grade": waits or again}
            changes.append(named)
        comments = [
            {"id": row.id, "auto_comment": NO_RESPONSE if row.cell in graded.unanswered else None}
            for row in self._cells_of(Comment, notebook)
        ]
        for table, rows in ((Grade, changes), (Comment, comments)):
            if rows:
                self.book.db.execute(update(table), rows)
        self.book.db.commit()
        return self._score(graded.place, notebook)

    @plainly()
    def score(self, place: Place, when: HandedIn | None) -> Score:
        """How a graded notebook stands now, by the deadline and the late rule as they are now."""
        notebook = self._submitted(place, when)
        self.book.db.commit()
        return self._score(place, notebook)

    def _submitted(self, place: Place, when: HandedIn | None) -> SubmittedNotebook:
        student, assignment, name = place
        known: dict[str, Any] = {"timestamp": when.when} if when else {}
        submission = self.book.update_or_create_submission(assignment, student, **known)
        if self.policy.extensions is not None:
            due: Any = submission.assignment.duedate
            extension: Any = self.policy.extension(student, assignment, due)
            submission.extension = extension
        return self.book.db.execute(
            select(SubmittedNotebook)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .where(SubmittedNotebook.assignment_id == submission.id, Notebook.name == name)
        ).scalar_one()

    def _cells_of(self, what: Any, notebook: SubmittedNotebook) -> list[SimpleNamespace]:
        """A submitted notebook's grades or comments, each with its cell's name and points.

        They are found by cell and notebook together, for which there is an index: any other way
        reads the whole class's, again for each submission.
        """
        cells = self._cells(notebook.notebook_id)
        query = select(*what.__table__.columns).where(
            what.cell_id.in_(cells), what.notebook_id == notebook.id
        )
        rows = self.book.db.execute(query).mappings()
        return [SimpleNamespace(**row, **cells[row["cell_id"]]) for row in rows]

    def _cells(self, notebook: Any) -> dict[str, dict[str, Any]]:
        """The name and the points of a released notebook's cells, by their id; read once."""
        if notebook not in self.cells:
            query = (
                select(
                    BaseCell.id,
                    BaseCell.name.label("cell"),
                    func.coalesce(TESTS.c.max_score, TASKS.c.max_score).label("max_score"),
                )
                .select_from(BaseCell)
                .outerjoin(TESTS, TESTS.c.id == BaseCell.id)
                .outerjoin(TASKS, TASKS.c.id == BaseCell.id)
                .where(BaseCell.notebook_id == notebook)
            )
            self.cells[notebook] = {
                row.id: {"cell": row.cell, "max_score": row.max_score}
                for row in self.book.db.execute(query)
            }
        return self.cells[notebook]

    def _score(self, place: Place, notebook: Any) -> Score:
        submission = notebook.assignment
        due = due_of(submission.assignment.duedate, submission.extension)
        late = submission.total_seconds_late if due else 0.0
        grades, comments = (self._cells_of(each, notebook) for each in (Grade, Comment))
        points = sum(points_of(grade) for grade in grades)
        of = sum(grade.max_score for grade in grades)
        penalty = self.penalty(place.student, points, of, late, due) if late and due else None
        if notebook.late_submission_penalty != penalty:
            notebook.late_submission_penalty = penalty
            self.book.db.commit()
        given = given_of(grades, comments, penalty, due)
        by_hand = sum(grade.max_score for grade in grades if grade.needs_manual_grade)
        said = lateness(late, given, self.policy) if late else ""
        odd = "; ".join(filter(None, map(beyond, grades)))
        return Score(points - given.penalty, of, by_hand, given, said, odd)

    def penalty(
        self, student: str, points: float, of: float, late: float, due: datetime
    ) -> float | None:
        """The points that so many seconds cost, by the class's rule, or else by nbgrader's."""
        if self.policy.late is not None:
            return self.policy.late.penalty(points, of, self.policy.by_clock(due, late))
        plugin: Any = self.rule.plugin_inst
        asked = plugin.late_submission_penalty(student, points, late)
        return None if asked is None else max(0.0, min(asked, points))

    @cached_property
    def rule(self) -> AssignLatePenalties:
        """What the course sets in `nbgrader_config.py`. Raises `CourseError` where it is not to be
        had.
        """
        return late_rule(self.config)

    @plainly()
    def due(self, student: str, lesson: str) -> datetime | None:
        """When it is due for one student who has handed it in, in UTC."""
        query: Any = (
            select(Assignment.duedate, SubmittedAssignment.extension)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(Assignment.name == lesson, SubmittedAssignment.student_id == student)
        )
        found = self.book.db.execute(query).first()
        return due_of(*found) if found else None


def of_cells(what: Any, *columns: Any) -> Any:
    """Grades or comments of a class as a query, each with the names of its place."""
    return (
        select(
            SubmittedAssignment.student_id.label("student"),
            Assignment.name.label("lesson"),
            Notebook.name.label("notebook"),
            BaseCell.name.label("cell"),
            *columns,
        )
        .select_from(what)
        .join(BaseCell, BaseCell.id == what.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == what.notebook_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    )


def of_penalties() -> Any:
    """What lateness has cost, as a query: student, lesson and the points of each notebook."""
    return (
        select(
            SubmittedAssignment.student_id,
            Assignment.name,
            SubmittedNotebook.late_submission_penalty,
        )
        .select_from(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    )


def points_of(grade: Any) -> float:
    """What a question has earned so far: what a person gave stands above what the grader gave."""
    given = grade.auto_score if grade.manual_score is None else grade.manual_score
    return (given or 0.0) + (grade.extra_credit or 0.0)


def beyond(grade: Any) -> str:
    """Points by hand that a question does not have: a slip of the hand, or meant as extra."""
    by_hand = grade.manual_score
    if by_hand is None or 0 <= by_hand <= grade.max_score:
        return ""
    name = grade.cell.removeprefix(TEST_PREFIX)
    return f"{name}: {by_hand:g} of {grade.max_score:g} points were given by hand: is that meant?"


def due_of(due: datetime | None, extension: timedelta | None) -> datetime | None:
    """When it is due for one student, in UTC. An extension of no deadline is none."""
    return due and due + (extension or timedelta())


def given_of(grades: list[Any], comments: list[Any], penalty: Any, due: datetime | None) -> Given:
    """From a notebook's rows, each with its cell's name."""
    return Given(
        {row.cell: row.manual_score for row in grades if row.manual_score is not None},
        {row.cell: row.extra_credit for row in grades if row.extra_credit},
        {row.cell: row.manual_comment for row in comments if row.manual_comment},
        penalty or 0.0,
        tuple(sorted(row.cell for row in grades if row.needs_manual_grade)),
        due,
    )


def lateness(seconds: float, given: Given, policy: Policy) -> str:
    """How late, and what it cost."""
    points = "1 point was" if given.penalty == 1 else f"{given.penalty:g} points were"
    cost = points if given.penalty else "no points were"
    said = f"late by {span(seconds)} (due {policy.shown(given.due)}): {cost} taken off for it"
    passed = policy.by_clock(given.due, seconds) if given.due else seconds
    why = policy.late.too_late(passed) if policy.late else ""
    return f"{said}, as {why}" if why else said
