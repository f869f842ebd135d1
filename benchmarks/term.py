"""A term that nobody lived: a class's records, notebooks and gradebook, with things planted.

Every answer is one of the bank's, judged once; who gave which is drawn from a seed. So a report can
be held against what it ought to find.

    python -m benchmarks.term [STUDENTS] [FOLDER]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from nbgrader.api import (
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from sqlalchemy import insert

from autograder.classroom import Classroom, Result, keep
from autograder.course import TEST_PREFIX, Course, Lesson
from autograder.exercises import find
from autograder.grading.task import Mark
from autograder.grading.work import marked
from autograder.judge import judge, nothing
from autograder.playing.patience import TooLong, within
from autograder.reporting.findings import FALLS_BEHIND, LessonReport, Report
from autograder.reporting.mistakes import Mistake
from autograder.reporting.report import write_report
from helpers.checks import UNSOLVED
from helpers.questions import every_name

BEGIN = datetime(2026, 9, 7, 18)
"""The first deadline; one follows each week."""
WRONG_ONES = 6
PATIENCE = 5.0
WITHOUT = 2
"""Students of the roster who never hand anything in."""


@dataclass(frozen=True)
class Given:
    """An answer that somebody may give, and its mark."""

    source: str
    mark: Mark


@dataclass(frozen=True)
class Asked:
    """A graded cell: its right answer first, the blank one last; of a written one nothing."""

    cell: str
    of: float
    answers: tuple[Given, ...] = ()


@dataclass
class Planted:
    """What a report ought to find. Students and lessons by name.

    common: by lesson, the question and the sentence of the mistake that most make. bad: the
    question that those who know less answer better. swapped: a lesson and two students. late,
    missing, extended: places.
    """

    students: list[str] = field(default_factory=list)
    lessons: list[str] = field(default_factory=list)
    common: dict[str, tuple[str, str]] = field(default_factory=dict)
    bad: tuple[str, str] = ("", "")
    behind: list[str] = field(default_factory=list)
    swapped: tuple[str, str, str] = ("", "", "")
    late: set[tuple[str, str]] = field(default_factory=set)
    extended: set[tuple[str, str]] = field(default_factory=set)
    missing: set[tuple[str, str]] = field(default_factory=set)
    again: set[tuple[str, str]] = field(default_factory=set)


def bank(lesson: Lesson, wrong: int = WRONG_ONES) -> tuple[Asked, ...]:
    """The graded cells of a lesson, with answers to those that have an exercise.

    wrong: of the bank's wrong answers to a question, those that this class gives.
    """
    return tuple(_asked(cell, of, wrong) for cell, of in lesson.points().items())


def _asked(cell: str, of: float, count: int) -> Asked:
    name = cell.removeprefix(TEST_PREFIX)
    if name == cell or name not in set(every_name()):
        return Asked(cell, of)
    exercise = find(name)
    right = Given(exercise.source, Mark(exercise.points, of, "", 1))
    stub = "# YOUR CODE HERE\nraise NotImplementedError('not implemented yet')\n"
    blank = Given(stub, marked(nothing(exercise, f"{name} {UNSOLVED}", 1), of))
    wrong = []
    for each in exercise.page.wrong[:count]:
        try:
            with within(PATIENCE):
                found = marked(judge(exercise, exercise.compile(each.source)), of)
        except TooLong:
            continue
        wrong.append(Given(each.source, replace(found, reason=each.says)))
    return Asked(cell, of, (right, *wrong, blank))


@dataclass
class Simulation:
    """Draws a class of so many students that was given these lessons."""

    lessons: dict[str, tuple[Asked, ...]]
    count: int
    rng: np.random.Generator
    planted: Planted = field(default_factory=Planted)

    def plan(self) -> None:
        """Who and what is to be found."""
        plan, rng = self.planted, self.rng
        plan.students = [f"student-{k:03}" for k in range(self.count)]
        plan.lessons = list(self.lessons)
        self.ability = dict(zip(plan.students, rng.normal(size=self.count), strict=True))
        for lesson, asked in self.lessons.items():
            chosen = [a for a in asked if len(a.answers) > 3]
            common = chosen[int(rng.integers(len(chosen)))]
            says = common.answers[1 + int(rng.integers(len(common.answers) - 2))].mark.reason
            plan.common[lesson] = (common.cell, says)
        middle = plan.lessons[len(plan.lessons) // 2]
        others = [a.cell for a in self.lessons[middle] if len(a.answers) > 3]
        plan.bad = (middle, next(c for c in others if c != plan.common[middle][0]))
        ranked = sorted(plan.students, key=self.ability.__getitem__)
        plan.behind = ranked[self.count // 2 :][: max(2, self.count // 50)]
        plan.swapped = (plan.lessons[-2], ranked[1], ranked[-2])
        self.ability |= {ranked[1]: -1.8, ranked[-2]: 2.6}
        special = {*plan.behind, ranked[1], ranked[-2]}
        for student in plan.students:
            for lesson in plan.lessons:
                what, place = rng.uniform(), (student, lesson)
                if student in special:
                    continue
                if what < 0.04:
                    plan.missing.add(place)
                elif what < 0.09:
                    plan.late.add(place)
                elif what < 0.12:
                    plan.extended.add(place)
                elif what < 0.20:
                    plan.again.add(place)

    def work(self, student: str, lesson: str) -> dict[str, Given]:
        """One student's answers to a lesson, by cell."""
        level = self.ability[student] + 0.35 * self.rng.normal()
        if student in self.planted.behind:
            level -= 0.9 * self.planted.lessons.index(lesson)
        return {a.cell: self._answer(a, lesson, level) for a in self.lessons[lesson]}

    def _answer(self, asked: Asked, lesson: str, level: float) -> Given:
        rng = self.rng
        if not asked.answers:
            return Given("Because it is so.", Mark(None, asked.of))
        if (lesson, asked.cell) == self.planted.bad:
            level = -1.5 * level - 1.2
        common = self.planted.common[lesson]
        if asked.cell == common[0] and rng.uniform() < 0.45:
            return next(a for a in asked.answers if a.mark.reason == common[1])
        if rng.uniform() < 1 / (1 + np.exp(-1.4 * level - 1.2)):
            return asked.answers[0]
        if rng.uniform() < 0.2:
            return asked.answers[-1]
        wrong = asked.answers[1:-1] or asked.answers[-1:]
        weights = 1 / np.arange(1, len(wrong) + 1)
        return wrong[int(rng.choice(len(wrong), p=weights / weights.sum()))]


def simulate(
    folder: Path, lessons: dict[str, tuple[Asked, ...]], count: int, seed: int = 1
) -> tuple[Classroom, Planted]:
    """Write a class into `folder`, as grading it would have left it."""
    made = Simulation(lessons, count, np.random.default_rng(seed))
    made.plan()
    plan = made.planted
    classroom = Classroom.of(folder / "submitted")
    works = {
        (student, lesson): made.work(student, lesson)
        for student in plan.students
        for lesson in plan.lessons
        if (student, lesson) not in plan.missing
    }
    lesson, one, other = plan.swapped
    swapped = works[one, lesson], works[other, lesson]
    works[other, lesson], works[one, lesson] = swapped
    for place in sorted(
        plan.again
    ):  # what was handed in first is gone: the record is the last one's
        _write(classroom, place, made.work(*place))
    for place, work in works.items():
        _write(classroom, place, work)
    _enter(classroom, made, works)
    return classroom, plan


def _write(classroom: Classroom, place: tuple[str, str], work: dict[str, Given]) -> None:
    """The record and the graded notebook."""
    student, lesson = place
    marks = {cell: each.mark for cell, each in work.items()}
    points = sum(mark.points or 0.0 for mark in marks.values())
    by_hand = sum(mark.of for mark in marks.values() if mark.points is None)
    of = sum(mark.of for mark in marks.values())
    result = Result(student, lesson, lesson, points, of, by_hand, (), "made up")
    more = {"marks": {n: vars(m) for n, m in marks.items()}, "notes": [], "made": {}, "used": {}}
    keep(classroom.record(student, lesson, lesson), result, more)
    cells = [
        _cell(cell.removeprefix(TEST_PREFIX), f"# {student}: my answer\n{each.source}")
        for cell, each in work.items()
        if cell.startswith(TEST_PREFIX)
    ]
    path = classroom.autograded / student / lesson / f"{lesson}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}))


def _cell(name: str, source: str) -> dict[str, Any]:
    about = {"grade": False, "grade_id": name, "locked": False, "solution": True, "task": False}
    return {"cell_type": "code", "id": name, "metadata": {"nbgrader": about}, "outputs": [],
            "execution_count": None, "source": source}  # fmt: skip


def _enter(classroom: Classroom, made: Simulation, works: dict[Any, dict[str, Given]]) -> None:
    """The gradebook: the roster, deadlines, times, extensions and points."""
    plan, rng = made.planted, made.rng
    classroom.folder.mkdir(parents=True, exist_ok=True)
    with Gradebook(classroom.db_url, "downhill") as book:
        roster = [*plan.students, *(f"student-never-{k}" for k in range(WITHOUT))]
        book.db.execute(insert(Student), [{"id": name} for name in roster])
        cells = {}
        for week, (lesson, asked) in enumerate(made.lessons.items()):
            due = BEGIN + timedelta(weeks=week)
            book.add_assignment(lesson, duedate=due)
            book.add_notebook(lesson, lesson)
            for each in asked:
                cell = book.add_grade_cell(
                    each.cell, lesson, lesson, max_score=each.of, cell_type="code"
                )
                cells[lesson, each.cell] = cell.id
        ids = {a.name: (a.id, a.notebooks[0].id, a.duedate) for a in book.assignments}
        rows: dict[Any, list[dict[str, Any]]] = {
            each: [] for each in (SubmittedAssignment, SubmittedNotebook, Grade)
        }
        for place, work in works.items():
            student, lesson = place
            assignment, notebook, due = ids[lesson]
            before = timedelta(hours=float(rng.exponential(30)) + 0.1)
            late = place in plan.late or place in plan.extended
            when = due + timedelta(hours=float(rng.uniform(1, 40))) if late else due - before
            more = timedelta(hours=48) if place in plan.extended else None
            whole, part = new_uuid(), new_uuid()
            rows[SubmittedAssignment].append(
                {"id": whole, "assignment_id": assignment, "student_id": student,
                 "timestamp": when, "extension": more}
            )  # fmt: skip
            rows[SubmittedNotebook].append(
                {"id": part, "assignment_id": whole, "notebook_id": notebook,
                 "late_submission_penalty": 1.0 if place in plan.late else None}
            )  # fmt: skip
            waits = lesson == plan.lessons[-1]
            for cell, given in work.items():
                by_hand = given.mark.points is None
                good = made.ability[student] + rng.normal() > -0.5
                manual = float(given.mark.of * good) if by_hand and not waits else None
                rows[Grade].append(
                    {"notebook_id": part, "cell_id": cells[lesson, cell],
                     "auto_score": given.mark.points, "manual_score": manual,
                     "needs_manual_grade": by_hand and waits}
                )  # fmt: skip
        for table, each in rows.items():
            book.db.execute(insert(table.__table__), each)
        book.db.commit()


def main(arguments: list[str]) -> None:
    """Simulate, report, and say what became of what was planted and how long it took."""
    count = int(arguments[0]) if arguments else 300
    with TemporaryDirectory() as aside:
        folder = Path(arguments[1] if len(arguments) > 1 else aside)
        begun = time.perf_counter()
        lessons = {each.name: bank(each) for each in Course.here().lessons()}
        print(f"answers judged in {time.perf_counter() - begun:.1f} s")
        begun = time.perf_counter()
        classroom, plan = simulate(folder, lessons, count)
        print(f"class of {count} written in {time.perf_counter() - begun:.1f} s")
        begun = time.perf_counter()
        report = write_report(classroom, list(lessons), folder / "report")
        seconds = time.perf_counter() - begun
        size = (folder / "report" / "report.html").stat().st_size
        print(f"report in {seconds:.1f} s, page of {size / 1000:.0f} kB")
        for line in found(report, plan):
            print(line)


def found(report: Report, plan: Planted) -> Iterator[str]:
    """What the report says of each thing that was planted."""
    common = [
        (k.name, first.question.cell, first.says)
        for k in report.lessons
        if (first := top(report, k))
    ]
    right = sum((cell, says) == plan.common[name] for name, cell, says in common)
    yield f"most common mistake: in {right} of {len(plan.lessons)} lessons"
    weak = [(q.question.lesson, q.question.cell) for q in report.questions if q.is_weak]
    yield f"bad question: {_told([plan.bad], weak)}"
    behind = [s.id for s in report.students if FALLS_BEHIND in s.reasons]
    yield f"falling behind: {_told(plan.behind, behind)}"
    swapped = [(s.lesson, *sorted((s.one.id, s.other.id))) for s in report.swapped]
    lesson, *pair = plan.swapped
    yield f"swapped files: {_told([(lesson, *sorted(pair))], swapped)}"
    late = [(w.student, k.name) for k in report.lessons for w in k.late]
    yield f"late work: {_told(sorted(plan.late), late)}"
    missing = [(s.id, k) for s in report.students for k in s.missing if "never" not in s.id]
    yield f"missing work: {_told(sorted(plan.missing), missing)}"
    never = [s.id for s in report.students if len(s.missing) == len(plan.lessons)]
    yield f"never handed in: {len(never)} of {WITHOUT}"


def top(report: Report, lesson: LessonReport) -> Mistake | None:
    """The most common mistake of a lesson."""
    return next(iter(report.common([lesson])), None)


def _told(planted: list[Any], said: list[Any]) -> str:
    hits = sum(each in said for each in planted)
    return f"{hits} of {len(planted)} found, {len(said) - hits} others named"


if __name__ == "__main__":
    main(sys.argv[1:])
