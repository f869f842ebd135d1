"""The page's part on questions: each one's numbers and mistakes, and the map of all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.reporting.findings import LessonReport, Property, QuestionReport, Report
from autograder.reporting.mistakes import Mistake
from autograder.reporting.parts import (
    bar,
    counted,
    folded,
    interval,
    percent,
    shaded,
    table,
    text,
)
from autograder.reporting.term import Question

MOST_SHOWN = 6
"""Mistakes that are shown of a question; the CSV file has all."""
IN_MAP = 5


def anchor(question: Question) -> str:
    return "q-" + re.sub(r"[^\w-]", "-", "-".join(question))


def discrimination(question: QuestionReport) -> float:
    found = question.discrimination
    return found.value if found is not None else 1.0


def questions(report: Report) -> str:
    return "".join(
        folded(
            f"<strong>{text(lesson.name)}</strong>",
            _overview(lesson) + "".join(_question(q) for q in lesson.questions),
            opened=lesson is report.latest,
        )
        for lesson in report.lessons
    )


def _overview(lesson: LessonReport) -> str:
    head = ("question", "points", "mean", "right", "blank", "with the rest of the lesson")
    rows = (_row(question) for question in lesson.questions)
    return table(f"Questions of {lesson.name}", head, rows, "tight")


def _row(q: QuestionReport) -> Iterator[str]:
    yield f'<a href="#{anchor(q.question)}">{text(q.question.name)}</a>'
    yield f"{q.of:g}"
    if q.mean is None:
        yield from ('<span class="quiet">waits</span>', "–", str(q.blank), "–")
        return
    yield shaded(1 - q.mean, percent(q.mean))
    yield f"{q.right} of {q.count - q.waits}"
    yield shaded(q.blank / max(q.count, 1), f"{q.blank}")
    yield interval(q.discrimination)


def _question(q: QuestionReport) -> str:
    most = q.mistakes[0] if q.mistakes else None
    said = (
        f"{percent(q.mean)} of {q.of:g} point{'s' * (q.of != 1)}"
        if q.mean is not None
        else "waits for a person"
    )
    top = f", {len(most.students)}× {text(most.name, 60)}" if most else ""
    summary = f'<strong>{text(q.question.name)}</strong> <span class="quiet">{said}{top}</span>'
    content = _facts(q) + _properties(q) + _mistakes(q)
    return folded(summary, content, anchor(q.question))


def _facts(q: QuestionReport) -> str:
    said = [
        f"{counted(q.count, 'student')} in its statistics",
        f"{q.right} right",
        f"{q.blank} blank",
    ]
    if q.waits:
        said.append(f"{q.waits} waiting for a person, in no number here")
    found = f"<p>Correlation with the rest of the lesson: {interval(q.discrimination)}</p>"
    return f"<p>{', '.join(said)}.</p>{found if q.mean is not None else ''}"


def _properties(q: QuestionReport) -> str:
    if q.properties is None:
        return (
            '<p class="quiet">Which properties were lost is not in these records: they are of an '
            "earlier grader. Grade the lesson again to see it.</p>"
        )
    if not q.properties:
        return ""
    rows = (_property(each) for each in q.properties)
    head = ("property", "points", "asked of", "lost by")
    return table(f"What was lost in {q.question.name}", head, rows)


def _property(each: Property) -> Iterator[str]:
    share = each.lost / each.asked if each.asked else 0.0
    yield text(each.says)
    yield f"{each.points:g}" if each.points is not None else "–"
    yield str(each.asked)
    yield shaded(share, f"{each.lost} ({percent(share)})" if each.lost else "0")


def _mistakes(q: QuestionReport) -> str:
    if not q.mistakes:
        return ""
    shown = "".join(_mistake(q, mistake) for mistake in q.mistakes[:MOST_SHOWN])
    rest = q.mistakes[MOST_SHOWN:]
    count = sum(len(mistake.students) for mistake in rest)
    more = (
        f'<p class="quiet">{counted(len(rest), "other mistake")}, of {counted(count, "student")}: '
        "in mistakes.csv.</p>"
        if rest
        else ""
    )
    return f"<h3>Mistakes</h3>{shown}{more}"


def _mistake(q: QuestionReport, mistake: Mistake) -> str:
    count = len(mistake.students)
    heading = f" {text(mistake.heading)}" if mistake.heading else ""
    code = f'<pre tabindex="0">{text(mistake.example, 4000)}</pre>' if mistake.example else ""
    return (
        f'<div class="mistake"><span class="count">{count} of {q.count}</span>'
        f'{bar(count / q.count)}{heading}<div class="says">{text(mistake.says)}</div>{code}</div>'
    )


# --- The map ------------------------------------------------------------------------------------


def heat_map(report: Report) -> str:
    said = (
        "<p>How many students, by question: the darker, the larger their share. The mistakes of a "
        "question stand in its row, the most common first.</p>"
    )
    return said + "".join(_map_of(lesson) for lesson in report.lessons)


def _map_of(lesson: LessonReport) -> str:
    graded = [question for question in lesson.questions if question.mean is not None]
    most = min(IN_MAP, max((len(q.mistakes) for q in graded), default=0))
    names = ("most common", "2nd", "3rd", "4th", "5th")[:most]
    head = ("question", "all right", "blank", *names, "other")
    rows = (_map_row(question, most) for question in graded)
    return table(f"Mistakes in {lesson.name}", head, rows, "heat")


def _map_row(q: QuestionReport, most: int) -> Iterator[str]:
    count = max(q.count - q.waits, 1)
    yield f'<a href="#{anchor(q.question)}">{text(q.question.name)}</a>'
    yield f"<td>{q.right}</td>"
    yield shaded(q.blank / count, str(q.blank))
    shown = q.mistakes[:most]
    for mistake in shown:
        n = len(mistake.students)
        yield shaded(n / count, f"{n}<small>{text(mistake.name, 60)}</small>")
    yield from ["<td></td>"] * (most - len(shown))
    other = count - q.right - q.blank - sum(len(mistake.students) for mistake in shown)
    person = "<small>points from a person</small>" if q.by_hand and other else ""
    yield shaded(other / count, f"{max(other, 0)}{person}")
