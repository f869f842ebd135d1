"""nbgrader's gradebook: what the grader writes into it, and what people have written before."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    InvalidEntry,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import func, make_url, select, update
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError
from traitlets.config import Config

from autograder.course import PART, CourseError
from autograder.feedback import Given
from autograder.nbgrader_api import advised
from autograder.task import Graded

Place = tuple[str, str, str]
"""Student, assignment, notebook."""

LONGEST_NAME = int(Student.__table__.c.id.type.length)
"""Characters of a student's name."""

TESTS, TASKS = GradeCell.__table__, TaskCell.__table__

NO_RESPONSE = "No response."
"""nbgrader's comment on an answer that is as it was released."""

FOR_ALL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Errors of writing that whoever comes next would meet as well."""


@contextlib.contextmanager
def plainly() -> Iterator[None]:
    """The database's errors as they are: nbgrader prints a traceback and raises its own instead."""
    log = logging.getLogger("tornado.application")  # which nbgrader takes for its own
    before, log.disabled = log.disabled, True
    try:
        yield
    except InvalidEntry as error:
        if isinstance(error.__context__, SQLAlchemyError):
            raise error.__context__ from None
        raise
    finally:
        log.disabled = before


@dataclass(frozen=True)
class Score:
    """A notebook's points in the gradebook, and how many are left for a person to give."""

    points: float
    of: float
    by_hand: float
    penalty: float = 0.0
    """Points that were taken off for being late."""


class Book:
    """An open gradebook. One session for a whole class; one commit for each submission."""

    def __init__(self, book: Gradebook, config: Config):
        self.book = book
        self.config = config
        self.cells: dict[str, dict[str, dict[str, Any]]] = {}

    @classmethod
    @contextlib.contextmanager
    def open(cls, db_url: str, course_id: str, config: Config) -> Iterator[Book]:
        """Raises `CourseError` where the database cannot be reached."""
        try:
            with plainly():
                _create(db_url, course_id)
                book = Gradebook(db_url, course_id)
        except (SQLAlchemyError, ImportError) as error:
            text = str(error).split("\n")[0]
            raise CourseError(f"the gradebook {shown(db_url)} cannot be opened: {text}") from error
        with book:
            yield cls(book, config)

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
        return {str(assignment.name) for assignment in self.book.assignments}

    def source_cells(self, assignment: str) -> dict[str, dict[str, str]]:
        """The sources that nbgrader would put back before grading, by notebook and cell."""
        found = self.book.find_assignment(assignment)
        return {
            notebook.name: {c.name: c.source for c in notebook.source_cells if c.locked}
            for notebook in found.notebooks
        }

    def given(self, assignment: str) -> dict[tuple[str, str], Given]:
        """What people have given so far, by student and notebook; only where there is something."""
        made: dict[tuple[str, str], Given] = {}

        def of(row: Any) -> Given:
            return made.setdefault((row.student_id, row.notebook), Given())

        for row in self._rows(Grade, assignment, Grade.manual_score, Grade.extra_credit):
            if row.manual_score is not None:
                of(row).scores[row.cell] = row.manual_score
            if row.extra_credit:
                of(row).extra[row.cell] = row.extra_credit
        for row in self._rows(Comment, assignment, Comment.manual_comment):
            if row.manual_comment:
                of(row).comments[row.cell] = row.manual_comment
        return made

    def automatic(self, assignment: str) -> dict[tuple[str, str], dict[str, float | None]]:
        """The automatic points that stand in the gradebook, by student and notebook."""
        made: dict[tuple[str, str], dict[str, float | None]] = {}
        for row in self._rows(Grade, assignment, Grade.auto_score):
            made.setdefault((row.student_id, row.notebook), {})[row.cell] = row.auto_score
        return made

    def _rows(self, what: Any, assignment: str, *columns: Any) -> Any:
        query = (
            select(
                SubmittedAssignment.student_id,
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
            .where(Assignment.name == assignment)
        )
        return self.book.db.execute(query).all()

    @plainly()
    def write(self, graded: Graded, timestamp: datetime | None, same_answers: bool) -> Score:
        """Enter a notebook's points. Manual points stay; a changed answer is to be looked at again.

        same_answers: whether this very submission was graded before.
        """
        assignment, name = graded.key
        when: dict[str, Any] = {"timestamp": timestamp} if timestamp else {}
        submission = self.book.update_or_create_submission(assignment, graded.student, **when)
        notebook = self.book.db.execute(
            select(SubmittedNotebook)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .where(SubmittedNotebook.assignment_id == submission.id, Notebook.name == name)
        ).scalar_one()
        penalty = notebook.late_submission_penalty or 0.0
        grades = self._cells_of(Grade, notebook)
        changes = []
        for grade in grades:
            if grade.cell not in graded.marks:
                continue
            grade.auto_score = graded.marks[grade.cell].points
            if grade.manual_score is None:
                grade.needs_manual_grade = grade.auto_score is None
            elif not same_answers:
                grade.needs_manual_grade = True
            named = ("id", "auto_score", "needs_manual_grade")
            changes.append({column: getattr(grade, column) for column in named})
        comments = [
            {"id": row.id, "auto_comment": NO_RESPONSE if row.cell in graded.unanswered else None}
            for row in self._cells_of(Comment, notebook)
        ]
        for table, rows in ((Grade, changes), (Comment, comments)):
            if rows:
                self.book.db.execute(update(table), rows)
        late = submission.timestamp and submission.total_seconds_late > 0
        self.book.db.commit()
        if late:
            self._penalize(graded)
            self.book.db.refresh(notebook)
            penalty = notebook.late_submission_penalty or 0.0
        return self._score(graded, grades, penalty)

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

    def _penalize(self, graded: Graded) -> None:
        """By the course's own rule, where it has one."""
        about = {
            "student": graded.student,
            "assignment": graded.key[0],
            "notebook": graded.key[1],
            "db_url": str(self.book.engine.url.render_as_string(hide_password=False)),
        }
        preprocessor = AssignLatePenalties(config=self.config)
        preprocessor.preprocess(NotebookNode(cells=[]), ResourcesDict(nbgrader=about))
        self.book.db.expire_all()

    def _score(self, graded: Graded, grades: list[SimpleNamespace], penalty: Any) -> Score:
        points = of = by_hand = 0.0
        for grade in grades:
            most = graded.marks[grade.cell].of if grade.cell in graded.marks else grade.max_score
            of += most
            given = grade.auto_score if grade.manual_score is None else grade.manual_score
            points += (given or 0.0) + (grade.extra_credit or 0.0)
            by_hand += most if grade.needs_manual_grade else 0.0
        return Score(points - penalty, of, by_hand, penalty)


def _create(db_url: str, course_id: str) -> None:
    """A new SQLite file gets its name when it is complete; nbgrader fills it in several steps."""
    url = make_url(db_url)
    path = Path(url.database or "")
    sqlite = url.get_backend_name() == "sqlite" and "uri" not in url.query
    if not sqlite or path.name in ("", ":memory:") or path.exists():
        return
    part = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    aside = url.set(database=str(part)).render_as_string(hide_password=False)
    try:
        with Gradebook(aside, course_id):
            pass
        try:
            os.link(part, path)
        except FileExistsError:
            pass  # another was faster, and may have written into it
        except OSError:  # no such links here
            part.replace(path)
    finally:
        for left in (part, part.with_name(f"{part.name}-journal")):
            left.unlink(missing_ok=True)


def for_all(error: Exception) -> bool:
    """Whether a class has to stop: the disk is full, or the gradebook locked, damaged or gone."""
    if isinstance(error, OSError):
        return error.errno in FOR_ALL
    return isinstance(error, OperationalError) or type(error) is DatabaseError


def in_words(error: Exception, db_url: str) -> str:
    """A sentence on what the disk or the database refuses."""
    if isinstance(error, OSError):
        what = error.strerror or str(error) or type(error).__name__
        return f"{error.filename}: {what}" if error.filename else what
    cause = str(getattr(error, "orig", None) or error).split("\n")[0]
    return f"the gradebook {shown(db_url)} cannot be used: {advised(cause)}"


@contextlib.contextmanager
def explained(db_url: str, so_far: Callable[[], str] = str) -> Iterator[None]:
    """Turn what the disk or the database refuses into a `CourseError` of one sentence.

    so_far: what is to be said of the work that is done already.
    """
    try:
        yield
    except (OSError, SQLAlchemyError, InvalidEntry) as error:
        raise CourseError(in_words(error, db_url) + so_far()) from error


def shown(db_url: str) -> str:
    """An address without its password and options."""
    try:
        return make_url(db_url).set(query={}).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "of this address"
