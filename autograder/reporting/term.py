"""What is known of a class: its students, and what each has handed in and earned.

Read from `records/` and the gradebook, and changed in neither. A written answer that waits for a
person has no points yet; a lesson that was not handed in has no answers. Neither is a zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from autograder.classroom import Classroom, Place, kept
from autograder.course import TEST_PREFIX, CourseError
from autograder.reporting.ledger import Ledger, Row
from autograder.reporting.nameless import Plain, plain_for
from helpers.checks import UNSOLVED

NOTHING_YET = "NotImplementedError"
"""What nbgrader's own stub raises, in a course without a bank."""


class Question(NamedTuple):
    """A graded cell, by its lesson, notebook and grade id."""

    lesson: str
    notebook: str
    cell: str

    @property
    def name(self) -> str:
        return self.cell.removeprefix(TEST_PREFIX)


@dataclass(frozen=True)
class Answer:
    """One answer. points: None where it waits for a person.

    lost: the properties that it does not have; None in a record that does not say.
    by_hand: whether a person has graded it, or is to.
    """

    points: float | None
    of: float
    reason: str = ""
    lost: tuple[str, ...] | None = None
    blank: bool = False
    by_hand: bool = False

    @property
    def share(self) -> float | None:
        """Of its points; a question without points is right where nothing was found wrong."""
        if self.points is None:
            return None
        return self.points / self.of if self.of else float(not self.reason)


@dataclass
class Work:
    """What a student handed in for a lesson. Times are in UTC and without a zone.

    failed: the grader itself could not grade it, or a part of it.
    """

    student: str
    lesson: str
    answers: dict[Question, Answer] = field(default_factory=dict)
    when: datetime | None = None
    due: datetime | None = None
    penalty: float = 0.0
    failed: bool = False

    @property
    def late(self) -> timedelta | None:
        """After (or, below zero, before) its deadline; None where one of the two is not known."""
        return self.when - self.due if self.when and self.due else None

    @property
    def is_late(self) -> bool:
        return self.late is not None and self.late > timedelta()

    @property
    def graded(self) -> list[Answer]:
        return [each for each in self.answers.values() if each.points is not None]

    @property
    def waits(self) -> float:
        """Points that a person has yet to give."""
        return sum(each.of for each in self.answers.values() if each.points is None)

    @property
    def points(self) -> float:
        """Before anything was taken off for lateness, so that it says what was known."""
        return sum(each.points or 0.0 for each in self.graded)

    @property
    def of(self) -> float:
        return sum(each.of for each in self.graded)

    @property
    def share(self) -> float | None:
        return self.points / self.of if self.of and not self.failed else None

    @property
    def answered(self) -> bool:
        """Whether there is an answer at all. What could not be read waits for a person, too."""
        known = self.graded or list(self.answers.values())
        return any(not each.blank for each in known)


@dataclass
class Term:
    """A class so far. lessons: those that anybody has handed in, in the course's order.

    names: what the gradebook calls a student, where that is more than the id.
    ungraded: handed in, and not graded yet. due: by student and lesson, extension included.
    plain: takes out of a student's words what the class should not read.
    """

    students: list[str]
    lessons: list[str]
    work: dict[tuple[str, str], Work]
    names: dict[str, str] = field(default_factory=dict)
    ungraded: set[tuple[str, str]] = field(default_factory=set)
    due: dict[tuple[str, str], datetime] = field(default_factory=dict)
    plain: Plain = field(default_factory=Plain)

    def of_lesson(self, lesson: str) -> list[Work]:
        return [self.work[s, lesson] for s in self.students if (s, lesson) in self.work]

    def missing(self, lesson: str, now: datetime) -> list[str]:
        """Who has not handed it in, though it was due, or is due on no known day."""
        return [s for s in self.students if self.is_missing(s, lesson, now)]

    def is_missing(self, student: str, lesson: str, now: datetime) -> bool:
        place = student, lesson
        return not self._there(place) and self.due.get(place, now) <= now

    def has_time(self, lesson: str, now: datetime) -> list[str]:
        """Who has not handed it in and need not have yet."""
        places = [(s, lesson) for s in self.students]
        return [p[0] for p in places if not self._there(p) and self.due.get(p, now) > now]

    def _there(self, place: tuple[str, str]) -> bool:
        return place in self.work or place in self.ungraded

    def questions(self, lesson: str) -> dict[Question, float]:
        """The questions of a lesson with their points, in its order."""
        found: dict[Question, float] = {}
        for work in self.of_lesson(lesson):
            found |= {q: a.of for q, a in work.answers.items() if q not in found}
        return found


def read(classroom: Classroom, lessons: list[str]) -> Term:
    """The class as its folders and its gradebook say it is now. Raises `CourseError`."""
    ledger = Ledger.read(classroom.db_url)
    work: dict[tuple[str, str], Work] = {}
    for place, record in records(classroom.folder / "records", lessons):
        each = work.setdefault(place[:2], Work(*place[:2]))
        each.failed |= bool(record.get("failed"))
        for cell, mark in record["marks"].items():
            question = Question(place.assignment, place.notebook, cell)
            blank = (*place, cell) in ledger.blank
            each.answers[question] = answer(mark, ledger.grades.get((*place, cell)), blank)
    if not work:
        where = classroom.folder / "records"
        raise CourseError(f"{where} holds nothing of these lessons: run autograder grade first")
    for place_, each in work.items():
        each.when, each.due = ledger.when.get(place_), ledger.due_for(*place_)
        each.penalty = ledger.penalties.get(place_, 0.0)
    ungraded = handed_in(classroom.submitted, lessons) - work.keys()
    there = {student for student, _ in work.keys() | ungraded} | ledger.students.keys()
    students = sorted(there, key=lambda name: (name.casefold(), name))
    known = [lesson for lesson in lessons if any(of == lesson for _, of in work)]
    due = {(s, k): d for s in students for k in known if (d := ledger.due_for(s, k)) is not None}
    given = [path for k in known for path in (classroom.release / k).glob("*.ipynb")]
    plain = plain_for(given, [*students, *filter(None, ledger.students.values())])
    return Term(students, known, work, ledger.students, ungraded, due, plain)


def records(folder: Path, lessons: list[str]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Every record of these lessons, by the place where it lies."""
    for student in sorted(path for path in folder.glob("*") if path.is_dir()):
        for lesson in lessons:
            for path in sorted((student / lesson).glob("*.json")):
                record = kept(path)
                if record is not None:
                    yield Place(student.name, lesson, path.stem), record


def handed_in(submitted: Path, lessons: list[str]) -> set[tuple[str, str]]:
    """What lies in `submitted/` as nbgrader lays it out: student and lesson."""
    students = [path for path in submitted.glob("*") if path.is_dir()]
    return {(s.name, name) for s in students for name in lessons if (s / name).is_dir()}


def answer(mark: dict[str, Any], grade: Row | None, blank: bool) -> Answer:
    """From its mark in the record, and its row in the gradebook, where what people gave stands.

    blank: whether the gradebook says that there is no answer.
    """
    points, of, reason = mark["points"], float(mark["of"]), str(mark["reason"])
    blank |= UNSOLVED in reason or reason.startswith(NOTHING_YET)
    by_hand = points is None
    if grade is not None and (by_hand or grade.manual is not None):
        by_hand = True
        points = None if grade.waits else (grade.manual or 0.0) + grade.extra
    lost = tuple(mark["lost"]) if "lost" in mark else None
    return Answer(points, of, reason, lost, blank, by_hand)
