"""The page's part on students: results, trends, what is missing, and what is unlike their own."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.reporting.findings import FAR, ODD, Report, Result, StudentReport
from autograder.reporting.parts import in_numbers, percent, shaded, spark, table, text
from autograder.reporting.statistics import Interval

MOST_ODD = 12
BY_CHANCE = 0.0455
"""Of what varies by chance, the share beyond 2 standard deviations."""


def students(report: Report) -> str:
    return _odd(report) + _swapped(report) + _all(report)


def _odd(report: Report) -> str:
    found = report.odd()
    title = "<h3>Results unlike the student's own</h3>"
    if not report.told():
        return f"{title}<p>That takes three lessons of a student.</p>"
    if not found:
        return f"{title}<p>None lies beyond {ODD:g} standard deviations.</p>"
    of = {lesson.name: lesson.of for lesson in report.lessons}
    rows = []
    for student, lesson, unlike in found[:MOST_ODD]:
        work = student.results[lesson].work
        assert work is not None
        assert work.share is not None
        most = work.of or of[lesson]
        value, low, high = (
            f"{most * share:.0f}"
            for share in (unlike.expected.value, unlike.expected.low, unlike.expected.high)
        )
        rows.append(
            (
                text(student.label),
                text(lesson),
                f"{work.points:g} of {most:g}",
                f"{value} ({low} to {high})",
                f"{unlike.residual:+.1f}".replace("-", "−"),
            )
        )
    head = ("student", "lesson", "points", "expected (95 %)", "standardised residual")
    rest = len(found) - MOST_ODD
    more = f"<p>and {rest} more, in results.csv.</p>" if rest > 0 else ""
    said = (
        f"<p>Of the {report.told()} results that can be told, {len(found)} lie beyond {ODD:g} "
        f"standard deviations; about {BY_CHANCE * report.told():.0f} would by chance alone. "
        f"Beyond {FAR:g} it is hardly chance.</p>"
    )
    return title + said + table("Results unlike the student's own", head, rows, "tight") + more


def _swapped(report: Report) -> str:
    """No verdict: nothing in a file says whose it is."""
    lines = "".join(
        f"<li>{text(s.lesson)}: {text(s.one.label)} and {text(s.other.label)}</li>"
        for s in report.swapped
    )
    return (
        "<h3>Each other's files?</h3><p>Each of these results is far from what the student's other "
        "lessons lead one to expect, and the two would fit each other. That may be chance, or a "
        f"good and a bad week: ask before you think so.</p><ul>{lines}</ul>"
        if lines
        else ""
    )


def _all(report: Report) -> str:
    lessons = [lesson.name for lesson in report.lessons]
    head = ("student", *map(text, lessons), "way", "trend a lesson", "to note")
    first = sorted(report.students, key=lambda each: (-each.weight, each.id))
    rows = (_row(student) for student in first)
    said = (
        "<p>Those who may need help first. Darker: a smaller share of the points; what waits for a "
        "person is left out. An arrow: more (↑) or less (↓) than the student's other lessons lead "
        "one to expect, beyond 3 standard deviations.</p>"
    )
    return f"<h3>All students</h3>{said}" + table("All students", head, rows, "tight")


def _row(student: StudentReport) -> Iterator[str]:
    yield text(student.label)
    for result in student.results.values():
        yield _cell(result)
    yield spark([r.work.share if r.work else None for r in student.results.values()])
    yield _trend(student.trend)
    yield f'<td class="wrap">{text("; ".join(student.reasons))}</td>'


def _trend(found: Interval | None) -> str:
    value, *ends = in_numbers(found).split(" ", 1) if found else ("–",)
    return f"{value}<small>{''.join(ends)}</small>"


def _cell(result: Result) -> str:
    work = result.work
    if work is None:
        return "<td>missing</td>" if result.missing else '<td class="quiet">not yet</td>'
    if work.failed:
        return "<td>not graded</td>"
    if work.share is None:
        return "<td>waits</td>"
    arrow = ("↑" if result.unlike.residual > 0 else "↓") if result.unlike and result.is_far else ""
    late = " late" if work.is_late else ""
    return shaded(1 - work.share, f"{percent(work.share)}{arrow}{late}")
