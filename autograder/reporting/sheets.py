"""The report's numbers as CSV. What a spreadsheet would take for a formula is made a text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from autograder.grading import spreadsheets
from autograder.reporting.findings import Report
from autograder.reporting.statistics import Interval
from helpers._text import printable


def sheets(report: Report) -> dict[str, str]:
    """Each file's text, by its name."""
    return {
        "lessons.csv": written(LESSONS, _lessons(report)),
        "questions.csv": written(QUESTIONS, _questions(report)),
        "properties.csv": written(PROPERTIES, _properties(report)),
        "mistakes.csv": written(MISTAKES, _mistakes(report)),
        "students.csv": written(STUDENTS, _students(report)),
        "results.csv": written(RESULTS, _results(report)),
        "answers.csv": written(ANSWERS, _answers(report)),
    }


LESSONS = (
    "lesson", "points", "handed_in", "missing", "late", "without_answer", "mean_share",
    "waiting_points",
)  # fmt: skip
QUESTIONS = (
    "lesson", "notebook", "question", "points", "students", "mean_share", "right", "blank",
    "waiting", "correlation", "correlation_low", "correlation_high",
)  # fmt: skip
PROPERTIES = ("lesson", "notebook", "question", "property", "points", "asked", "lost")
MISTAKES = (
    "lesson", "notebook", "question", "rank", "students", "of", "known_as", "sentence",
)  # fmt: skip
STUDENTS = (
    "student", "name", "handed_in", "missing", "late", "trend", "trend_low", "trend_high",
    "to_note",
)  # fmt: skip
RESULTS = (
    "student", "lesson", "state", "points", "of", "waiting_points", "penalty", "handed_in", "due",
    "hours_late", "expected_share", "expected_low", "expected_high", "standardised_residual",
)  # fmt: skip
ANSWERS = (
    "student", "lesson", "notebook", "question", "points", "of", "state", "sentence",
)  # fmt: skip


def written(head: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    file = io.StringIO()
    made = csv.writer(file, lineterminator="\n")
    made.writerow(head)
    made.writerows([harmless(value) for value in row] for row in rows)
    return file.getvalue()


def harmless(value: Any) -> Any:
    """A text, behind an apostrophe where it begins as a formula does; numbers in short."""
    if isinstance(value, str):
        return spreadsheets.harmless(printable(value))
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else value


def _ends(found: Interval | None) -> tuple[float | None, ...]:
    return (found.value, found.low, found.high) if found else (None, None, None)


def _lessons(report: Report) -> Iterator[tuple[Any, ...]]:
    for k in report.lessons:
        mean = sum(k.shares) / len(k.shares) if k.shares else None
        counts = len(k.works), len(k.missing), len(k.late), len(k.empty)
        yield k.name, k.of, *counts, mean, k.waits


def _questions(report: Report) -> Iterator[tuple[Any, ...]]:
    for q in report.questions:
        where = q.question.lesson, q.question.notebook, q.question.name
        yield *where, q.of, q.count, q.mean, q.right, q.blank, q.waits, *_ends(q.discrimination)


def _properties(report: Report) -> Iterator[tuple[Any, ...]]:
    for q in report.questions:
        for each in q.properties or ():
            where = q.question.lesson, q.question.notebook, q.question.name
            yield *where, each.says, each.points, each.asked, each.lost


def _mistakes(report: Report) -> Iterator[tuple[Any, ...]]:
    for q in report.questions:
        where = q.question.lesson, q.question.notebook, q.question.name
        for rank, each in enumerate(q.mistakes, 1):
            yield *where, rank, len(each.students), q.count, each.heading, each.says


def _students(report: Report) -> Iterator[tuple[Any, ...]]:
    for s in report.students:
        handed_in = sum(result.work is not None for result in s.results.values())
        counts = handed_in, len(s.missing), len(s.late)
        yield s.id, s.name, *counts, *_ends(s.trend), "; ".join(s.reasons)


def _results(report: Report) -> Iterator[tuple[Any, ...]]:
    for s in report.students:
        for lesson, result in s.results.items():
            work, unlike = result.work, result.unlike
            if work is None:
                yield s.id, lesson, "missing" if result.missing else "not yet", *[None] * 11
                continue
            state = "not graded" if work.failed else "late" if work.is_late else "handed in"
            hours = work.late.total_seconds() / 3600 if work.late is not None else None
            times = [
                when.isoformat(timespec="minutes") if when else None
                for when in (work.when, work.due)
            ]
            points = work.points, work.of, work.waits, work.penalty
            far = unlike.residual if unlike else None
            yield (
                s.id,
                lesson,
                state,
                *points,
                *times,
                hours,
                *_ends(unlike.expected if unlike else None),
                far,
            )


def _answers(report: Report) -> Iterator[tuple[Any, ...]]:
    for lesson in report.lessons:
        for work in lesson.works:
            for q, a in work.answers.items():
                state = "waits" if a.points is None else "blank" if a.blank else "answered"
                yield work.student, q.lesson, q.notebook, q.name, a.points, a.of, state, a.reason
