"""The page and the table of likeness: both answers side by side, and what speaks for and against.

All of a student's words are escaped; the page loads nothing and runs nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from statistics import median

from autograder.grading import spreadsheets
from autograder.reporting.likeness import Alike, Likeness, Pair
from helpers._text import cut, printable

LONGEST = 6000
"""Letters of an answer that are shown."""
MANY = 0.8
"""Share from which on two answers are called alike."""
SHORT = 4
"""Lines of an answer that is called short."""
ODD = 2.0
"""Bits from which on an exercise speaks for a pair by itself."""

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #767f8a;
  --mark: #ffe9a8; --soft: #f3f5f7 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --paper: #15181c; --line: #8d96a1;
  --mark: #594400; --soft: #20252b } }
body { color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif;
  max-width: 75em; margin: 0 auto; padding: 1em }
a { color: inherit }
summary { cursor: pointer; padding: .4em 0 }
details { border-top: 1px solid var(--line) }
details details { margin-left: .8em }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: .8em }
@media (max-width: 45em) { .two { grid-template-columns: 1fr } }
.two > * { min-width: 0 }
pre { background: var(--soft); padding: .6em; margin: .3em 0; white-space: pre-wrap;
  overflow-wrap: anywhere; font-size: .85em }
mark { background: var(--mark); color: inherit }
h1, h2, h3, p, li, summary { overflow-wrap: anywhere }
h4 { margin: .3em 0 0 }
@media print { body { font-size: 10pt; max-width: none } details { break-inside: avoid } }
"""
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Answers that are alike</title>
<style>{style}</style></head>
<body><main><h1>Answers that are alike</h1>
<p>Names, comments, formatting and texts are taken out before answers are compared. Two answers
weigh as much as they share, times how rare that is in this class (in bits: one more is half as
likely). This is where to look, and proves nothing: who is meant is asked first. Two who learnt
together, one source on the web, or the lesson's own words make answers alike as well, and what a
whole group shares weighs little here.</p>
{lessons}
</main></body></html>
"""


TOGETHER = "All of them together"
"""A lesson of this name is all the others."""


@dataclass(frozen=True)
class Lesson:
    """reasons: why an answer lost points, by exercise and student."""

    name: str
    likeness: Likeness
    reasons: Mapping[str, Mapping[str, str]]


def page(lessons: Sequence[Lesson]) -> str:
    shown = "\n".join(map(_lesson, lessons)) if len(lessons) else ""
    again = _again(lessons)
    return PAGE.format(style=STYLE, lessons=again + shown)


def _again(lessons: Sequence[Lesson]) -> str:
    """Pairs that are above chance in more than one lesson."""
    where: dict[tuple[str, str], list[str]] = {}
    for lesson in (each for each in lessons if each.name != TOGETHER):
        for pair in lesson.likeness.pairs:
            if pair.bits > max(lesson.likeness.chance):
                where.setdefault((pair.first, pair.second), []).append(lesson.name)
    several = sorted(((n, who) for who, n in where.items() if len(n) > 1), key=lambda e: -len(e[0]))
    if not several:
        return ""
    lines = (f"<li>{_names(*who)}: {_say(', '.join(names))}</li>" for names, who in several)
    return f"<h2>Above chance in more than one lesson</h2><ul>{''.join(lines)}</ul>"


def _lesson(lesson: Lesson) -> str:
    found = lesson.likeness
    luck = max(found.chance)
    dealt = (
        f"{found.students} students. If the answers to each exercise are dealt out anew among them,"
        f" the first pair weighs {min(found.chance):.1f} to {luck:.1f} bits ({len(found.chance)}"
        " deals). Below that, a pair is no more alike than chance would have it."
    )
    body = "".join(_pair(pair, lesson, pair.bits > luck) for pair in found.pairs)
    none = "" if found.pairs else "<p>No two share anything rare.</p>"
    return f"<h2>{_say(lesson.name)}</h2><p>{dealt}</p>{none}{body}"


def _pair(pair: Pair, lesson: Lesson, above: bool) -> str:
    pro = "".join(f"<li>{each}</li>" for each in speaks_for(pair, lesson, above))
    con = "".join(f"<li>{each}</li>" for each in speaks_against(pair, above))
    inside = "".join(_exercise(pair, each) for each in pair.exercises)
    said = "above chance" if above else "as chance would have it"
    return (
        f"<details><summary><strong>{_names(pair.first, pair.second)}</strong>: {pair.bits:.1f}"
        f" bits, {said}</summary>"
        f"<div class='two'><div><h3>Speaks for it</h3><ul>{pro}</ul></div>"
        f"<div><h3>Speaks for coincidence</h3><ul>{con}</ul></div></div>{inside}</details>\n"
    )


def speaks_for(pair: Pair, lesson: Lesson, above: bool) -> Iterator[str]:
    """Sentences, as HTML."""
    found = pair.exercises
    alike = [each for each in found if each.share >= MANY]
    yield f"{len(alike)} of the {len(found)} answers that both gave are alike."
    if above:
        yield "Together they weigh more than the first pair of any class dealt anew."
    only = [each.exercise for each in found if any(rare.others == 0 for rare in each.rare)]
    if only:
        yield f"They share what nobody else wrote in {_say(', '.join(only))}."
    for each in found:
        reasons = lesson.reasons.get(each.exercise, {})
        reason = reasons.get(pair.first)
        if reason and reason == reasons.get(pair.second):
            more = sum(other == reason for other in reasons.values()) - 2
            yield f"The same mistake in {_say(each.exercise)} ({_others(more)}): {_say(reason)}"


def speaks_against(pair: Pair, above: bool) -> Iterator[str]:
    """Sentences, as HTML."""
    found = pair.exercises
    if not above:
        yield "A class dealt anew has pairs that weigh as much."
    unlike = [each.exercise for each in found if each.share < MANY]
    if unlike:
        yield f"The answers differ in {_say(', '.join(unlike))}."
    usual = [f"{each.exercise} ({each.same})" for each in found if each.same > 0]
    if usual:
        yield f"Others wrote the very same (how many): {_say(', '.join(usual))}."
    known = [f"{e.exercise}: {e.known}" for e in found if e.known and e.share >= MANY]
    if known:
        forms = _say("; ".join(known))
        yield f"Such answers are known, and students come to them by themselves: {forms}."
    heavy = [each for each in found if each.bits >= ODD] or list(found)
    if heavy and median(min(map(_length, each.sources)) for each in heavy) <= SHORT:
        yield f"What they share is short: most such answers have at most {SHORT} lines."
    if len(heavy) == 1:
        yield "It is one exercise alone that makes them alike."


def _exercise(pair: Pair, each: Alike) -> str:
    seen = [{line for rare in each.rare for line in rare.lines[side]} for side in (0, 1)]
    columns = "".join(
        f"<div><h4>{_say(who)}</h4><pre>{_code(source, marked)}</pre></div>"
        for who, source, marked in zip((pair.first, pair.second), each.sources, seen, strict=True)
    )
    said = f"{each.share:.0%} shared, {each.bits:.1f} bits"
    if each.rare:
        said += f"; marked: what few share ({_others(min(rare.others for rare in each.rare))})"
    if each.same:
        said += f"; {_others(each.same)} wrote the very same"
    opened = " open" if each.bits >= ODD else ""
    title = f"<details{opened}><summary>{_say(each.exercise)}: {said}</summary>"
    return f"{title}<div class='two'>{columns}</div></details>"


def _code(source: str, marked: set[int]) -> str:
    lines = printable(source.strip("\n"), LONGEST).split("\n")
    above = len(source) - len(source.lstrip("\n"))
    return "\n".join(
        f"<mark>{escape(line)}</mark>" if number in marked and line.strip() else escape(line)
        for number, line in enumerate(lines, above + 1)
    )


def _others(count: int) -> str:
    return {0: "nobody else", 1: "1 other"}.get(count, f"{count} others")


def _length(source: str) -> int:
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") for line in source.split("\n")
    )


def _names(*names: str) -> str:
    return " and ".join(map(_say, names))


def _say(text: str) -> str:
    return escape(printable(text, 500))


def table(lessons: Sequence[Lesson]) -> str:
    """The pairs as CSV, a line for each."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(
        [
            "lesson",
            "first",
            "second",
            "bits",
            "first pair by chance",
            "alike",
            "answered by both",
            "oddest exercises",
        ]
    )
    for lesson in lessons:
        luck = max(lesson.likeness.chance)
        for pair in lesson.likeness.pairs:
            alike = sum(each.share >= MANY for each in pair.exercises)
            odd = ", ".join(each.exercise for each in pair.exercises[:3])
            cells = [lesson.name, pair.first, pair.second, f"{pair.bits:.1f}", f"{luck:.1f}"]
            rows.writerow([*map(harmless, cells), alike, len(pair.exercises), harmless(odd)])
    return out.getvalue()


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return spreadsheets.harmless(cut(printable(text), 300))
