"""The report as one page that loads nothing: what to teach again first, then all that led to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from numpy import quantile

from autograder.reporting import by_question, by_student
from autograder.reporting.about import about
from autograder.reporting.findings import LessonReport, QuestionReport, Report
from autograder.reporting.mistakes import Mistake
from autograder.reporting.parts import (
    bar,
    counted,
    folded,
    histogram,
    in_numbers,
    percent,
    shaded,
    table,
    text,
)

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
    "base-uri 'none'"
)
STYLE = Path(__file__).with_name("report.css")
MOST_COMMON, MOST_IN_NEED, MOST_WEAK = 5, 8, 5
SECTIONS = {
    "first": "First",
    "lessons": "By lesson",
    "questions": "By question",
    "map": "Questions and mistakes",
    "students": "By student",
    "about": "How it was reckoned",
}
TIMES = (
    (-48.0, "2 days before, or earlier"),
    (-24.0, "1 to 2 days before"),
    (-6.0, "6 to 24 h before"),
    (-1.0, "1 to 6 h before"),
    (0.0, "the last hour"),
    (24.0, "late, up to a day"),
    (float("inf"), "late, more"),
)
"""When something was handed in, in hours after its deadline, up to which each name goes."""


def page(report: Report) -> str:
    names = ", ".join(lesson.name for lesson in report.lessons)
    who = counted(len(report.students), "student")
    links = "".join(f'<li><a href="#{key}">{name}</a></li>' for key, name in SECTIONS.items())
    body = "".join(
        (
            f'<section id="first" aria-label="{SECTIONS["first"]}">{_first(report)}</section>',
            _section("lessons", _lessons(report)),
            _section("questions", by_question.questions(report)),
            _section("map", by_question.heat_map(report)),
            _section("students", by_student.students(report)),
            _section("about", about(report)),
        )
    )
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What the class got wrong: {text(names)}</title>
<style>{STYLE.read_text(encoding="utf-8")}</style></head>
<body><a class="skip" href="#main">To the report</a>
<header><h1>What the class got wrong</h1>
<p>{text(names, 2000)}. {who}; {report.made:%Y-%m-%d %H:%M} UTC.
<span class="quiet">For instructors: it holds names. Its numbers lie beside it as CSV.</span></p>
<nav aria-label="Sections"><ul>{links}</ul></nav></header>
<main id="main">{body}</main></body></html>
"""


def _section(key: str, content: str) -> str:
    heading = f'<h2 id="{key}-h">{SECTIONS[key]}</h2>'
    return f'<section id="{key}" aria-labelledby="{key}-h">{heading}{content}</section>'


# --- What to know in two minutes ----------------------------------------------------------------


def _first(report: Report) -> str:
    latest = report.latest
    here = report.common([latest])[:MOST_COMMON]
    common = _common(report, here) or "<p>No mistake was made by more than one student.</p>"
    others = [lesson for lesson in report.lessons if lesson is not latest]
    before = _common(report, report.common(others)[:MOST_COMMON])
    more = folded("The most common mistakes of the earlier lessons", before) if before else ""
    again = f"<p>{_in_short(report, latest)}</p>{common}{more}"
    cards = (
        _card("again", f"Teach again: {text(latest.name)}", again)
        + _card("help", "Who may need help", _help(report))
        + _card("weak", "Questions that may be bad", _weak(report))
    )
    return f'<div class="first">{cards}</div>'


def _card(key: str, title: str, content: str) -> str:
    heading = f'<h2 id="{key}">{title}</h2>'
    return f'<section aria-labelledby="{key}">{heading}{content}</section>'


def _in_short(report: Report, lesson: LessonReport) -> str:
    """The lesson in a sentence or two."""
    said = f"{len(lesson.works)} of {counted(len(report.students), 'student')} handed it in"
    if lesson.late:
        said += f", {len(lesson.late)} of them late"
    if lesson.missing:
        said += f"; {len(lesson.missing)} did not, though it was due"
    points, hard = _mean(lesson), _hardest([q for q in lesson.questions if q.mean is not None])
    waits = _waiting(lesson) if lesson.waits else ""
    return " ".join(filter(None, (f"{said}.", points, hard, waits)))


def _mean(lesson: LessonReport) -> str:
    """Who answered nothing is no part of it, and that is said."""
    if not lesson.shares:
        return ""
    some = len(lesson.shares) < len(lesson.works)
    who = f"the {len(lesson.shares)} with graded answers" if some else "they"
    return (
        f"On average {who} earned {percent(sum(lesson.shares) / len(lesson.shares))} of the points."
    )


def _hardest(known: list[QuestionReport]) -> str:
    if not known:
        return ""
    least = percent(min(q.mean or 0.0 for q in known))
    hardest = [q for q in known if percent(q.mean) == least]
    if len(hardest) > MOST_COMMON:
        return f"{len(hardest)} questions are the hardest, with {least} of the points of each."
    their = "its points" if len(hardest) == 1 else "the points of each"
    return f"Hardest: {', '.join(map(_link, hardest))}, {least} of {their}."


def _waiting(lesson: LessonReport) -> str:
    answers = sum(question.waits for question in lesson.questions)
    wait, they = ("waits", "it counts") if answers == 1 else ("wait", "they count")
    return f"{counted(answers, 'answer')} still {wait} for a person; {they} nowhere yet."


def _link(question: QuestionReport) -> str:
    return f'<a href="#{by_question.anchor(question.question)}">{text(question.question.name)}</a>'


def _common(report: Report, mistakes: list[Mistake]) -> str:
    lines = []
    for mistake in mistakes:
        count, of = len(mistake.students), report.count_of(mistake)
        link = (
            f'<a href="#{by_question.anchor(mistake.question)}">{text(mistake.question.name)}</a>'
        )
        heading = f" · {text(mistake.heading)}" if mistake.heading else ""
        lines.append(
            f'<li><span class="count">{count} of {of}</span>{bar(count / of)} {link}{heading}'
            f'<div class="says">{text(mistake.says)}</div></li>'
        )
    return f'<ol class="common">{"".join(lines)}</ol>' if lines else ""


def _help(report: Report) -> str:
    found = report.in_need()
    if not found:
        return "<p>Nobody stands out.</p>"
    lines = "".join(
        f"<li><strong>{text(student.label)}</strong>: {text('; '.join(student.reasons))}</li>"
        for student in found[:MOST_IN_NEED]
    )
    rest = len(found) - MOST_IN_NEED
    more = (
        f'<p>and {rest} more, marked in <a href="#students">the table</a>.</p>' if rest > 0 else ""
    )
    name = text(report.latest.name)
    return f'<p class="quiet">As {name} and the way there say it.</p><ol>{lines}</ol>{more}'


def _weak(report: Report) -> str:
    surely = sorted((q for q in report.questions if q.is_weak), key=by_question.discrimination)
    maybe = sorted((q for q in report.questions if q.may_be_weak), key=by_question.discrimination)
    said = []
    if surely:
        items = "".join(f"<li>{_weak_line(question)}</li>" for question in surely[:MOST_WEAK])
        said.append(
            f"<p>Who does well in the rest of the lesson does no better here:</p><ul>{items}</ul>"
        )
        if len(surely) > MOST_WEAK:
            said.append(f"<p>and {len(surely) - MOST_WEAK} more.</p>")
    else:
        said.append("<p>None that these numbers can tell.</p>")
    if maybe:
        items = "".join(f"<li>{_weak_line(question)}</li>" for question in maybe[:3])
        said.append(
            f"<p>{counted(len(maybe), 'question')} with a low correlation that may be chance. "
            f"The lowest:</p><ul>{items}</ul>"
        )
    said.append(
        '<p class="quiet">Correlation with the rest of the lesson, and its 95 % interval.</p>'
    )
    return "".join(said)


def _weak_line(question: QuestionReport) -> str:
    assert question.discrimination is not None
    lesson = text(question.question.lesson)
    return f"{_link(question)} ({lesson}): {in_numbers(question.discrimination)}"


# --- By lesson ----------------------------------------------------------------------------------


def _lessons(report: Report) -> str:
    head = (
        "lesson",
        "handed in",
        "not",
        "late",
        "no answer",
        "mean",
        "median",
        "middle half",
        "waits",
    )
    overview = table("Lessons", head, (_lesson_row(lesson) for lesson in report.lessons), "tight")
    figures = "".join(
        f"<figure><h3>{text(lesson.name)}</h3>{histogram(lesson.name, lesson.shares)}"
        f"<figcaption class='quiet'>Students, by % of the points</figcaption></figure>"
        for lesson in report.lessons
    )
    missing = "".join(_missing(lesson) for lesson in report.lessons)
    return f'{overview}<div class="lessons">{figures}</div>{_times(report)}{missing}'


def _lesson_row(lesson: LessonReport) -> Iterator[str]:
    quarter, middle, last = _quartiles(lesson.shares)
    mean = sum(lesson.shares) / len(lesson.shares) if lesson.shares else None
    yield text(lesson.name)
    yield str(len(lesson.works))
    yield str(len(lesson.missing))
    yield str(len(lesson.late))
    yield str(len(lesson.empty))
    yield percent(mean)
    yield percent(middle)
    yield f"{percent(quarter)} to {percent(last)}"
    yield f"{lesson.waits:g} points" if lesson.waits else "–"


def _quartiles(shares: list[float]) -> list[float | None]:
    return quantile(shares, [0.25, 0.5, 0.75]).tolist() if shares else [None] * 3


def _times(report: Report) -> str:
    title = "<h3>When it was handed in</h3>"
    if all(work.late is None for lesson in report.lessons for work in lesson.works):
        return (
            f"{title}<p>That is not known of any lesson: the gradebook has no deadline, or no time "
            "of handing in.</p>"
        )
    names = [name for _, name in TIMES]
    rows = []
    for lesson in report.lessons:
        hours = [w.late.total_seconds() / 3600 for w in lesson.works if w.late is not None]
        places = [next(k for k, (end, _) in enumerate(TIMES) if h <= end) for h in hours]
        unknown = len(lesson.works) - len(hours)
        counts = [places.count(k) for k in range(len(TIMES))]
        cells = [shaded(n / max(len(hours), 1), str(n)) for n in counts]
        rows.append([text(lesson.name), *cells, str(unknown)])
    head = ["lesson", *names, "not known"]
    return (
        title
        + table("Handed in, by the time to each student's own deadline", head, rows)
        + '<p class="quiet">Extensions are counted in. Not known: where the gradebook has no '
        "deadline or no time of handing in. How long anybody worked is not known at all: a "
        "notebook does not say it.</p>"
    )


def _missing(lesson: LessonReport) -> str:
    said = ""
    for names, what in (
        (lesson.missing, "not handed in"),
        (lesson.empty, "handed in without any answer"),
        (lesson.has_time, "not handed in yet, and not due yet"),
        (lesson.ungraded, "handed in and not graded yet: run autograder grade"),
    ):
        if names:
            listed = ", ".join(text(name) for name in names)
            said += f"<p>{len(names)} {what}: {listed}</p>"
    count = len(lesson.missing)
    title = (
        f"{text(lesson.name)}: {count or 'nobody has'} not handed in"
        if count
        else (f"{text(lesson.name)}: all have handed in, or need not have yet")
    )
    return folded(title, said) if said else f"<p>{title}.</p>"
