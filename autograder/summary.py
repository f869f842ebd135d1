"""What a class came to, on one screen: by lesson, what cost most, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from statistics import mean, median

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from autograder.classroom import Result
from autograder.grading.inbox import NotRead
from autograder.tables import plain, together, without_marks
from autograder.terminal import number
from helpers.checks import UNSOLVED

MOST_REASONS = 5
MOST_SHOWN = 20
NO_NUMBERS = "Test cells that showed no number of points: nbgrader gives all for that. Mend them"
COUNTED = "Means of all graded, blanks as 0"
COLUMNS = ("graded", "mean", "median", "of", "by hand", "late", "not read", "failed")


def summary(results: list[Result], unread: list[NotRead], repeated: str = "") -> Group:
    """The whole of it, for a console. Points are those given so far, of whoever is graded.

    repeated: the options that the next commands have to repeat.
    """
    fresh = sum(not r.again for r in results)
    again = "" if fresh == len(results) else f"; {fresh} graded now"
    students = number(len({r.student for r in results}), "student")
    heading = f"{students}, {number(len(results), 'notebook')}{again}. {COUNTED}"
    parts: list[Text | Table] = [Text(heading, style="bold"), lessons(results, unread)]
    found = lost(results)
    if found:
        parts.append(Text("Most often lost", style="bold"))
        parts += [one_line(f"  {count:4} × {reason}") for reason, count in found]
    odd = Counter(f"{r.lesson}, {each}" for r in results for each in r.shown)
    if odd:
        parts.append(Text(NO_NUMBERS, style="bold"))
        parts += [one_line(f"  {n:4} × {shown}") for shown, n in odd.most_common(MOST_SHOWN)]
    parts += [Text(line) for line in to_do(results, unread, repeated)]
    return Group(*parts)


def lessons(results: list[Result], unread: list[NotRead]) -> Table:
    """A row for each lesson."""
    made = Table(box=SIMPLE_HEAD, show_edge=False)
    made.add_column("lesson", overflow="ellipsis", no_wrap=True)
    for heading in COLUMNS:
        made.add_column(heading, justify="right", no_wrap=True)
    named = {r.lesson for r in results}
    for lesson in sorted(named):
        own = [r for r in together(results).values() if r.lesson == lesson]
        made.add_row(plain(lesson), *_row(own, [u for u in unread if u.lesson == lesson]))
    elsewhere = [u for u in unread if u.lesson not in named]
    if elsewhere:
        made.add_row("elsewhere", *_row([], elsewhere))
    return made


def _row(results: list[Result], unread: list[NotRead]) -> Iterator[str]:
    graded = [r for r in results if not r.failed]
    points = [r.points for r in graded]
    yield f"{len(graded)}"
    yield f"{mean(points):.1f}" if points else ""
    yield f"{median(points):.1f}" if points else ""
    yield f"{max(r.of for r in graded):g}" if graded else ""
    counts = (
        sum(r.to_grade_by_hand > 0 for r in graded),
        sum(bool(r.late) for r in graded),
        len(unread),
        len(results) - len(graded),
    )
    yield from (f"{count}" if count else "" for count in counts)


def lost(results: Iterable[Result]) -> list[tuple[str, int]]:
    """The reasons that most students lost points for, each with how many; what was not answered
    is one of them, with its exercises.
    """
    counts: Counter[str] = Counter()
    blank: Counter[str] = Counter()
    for result in results:
        if result.failed:
            continue
        for reason in result.lost:
            question, _, why = reason.partition(": ")
            if UNSOLVED in why:
                blank[question] += 1
            else:
                counts[without_marks(reason)] += 1
    if blank:
        names = ", ".join(question for question, _ in blank.most_common())
        counts[f"not answered: {names}"] = blank.total()
    return counts.most_common(MOST_REASONS)


def to_do(results: list[Result], unread: list[NotRead], repeated: str) -> Iterator[str]:
    """What is left for a person, the most pressing first."""
    failed = sum(r.failed for r in results)
    untaken = sum(r.untaken for r in results)
    undated = sum(r.undated for r in together(results).values())
    by_hand = sum(r.to_grade_by_hand > 0 for r in results)
    if failed:
        yield f"Next: {failed} could not be graded, by the grader's fault: records/*/*/*.log"
    if unread:
        yield f"Next: {len(unread)} could not be read: do what stands below"
    if untaken:
        lack = "lacks" if untaken == 1 else "lack"
        yield f"Next: {untaken} {lack} a notebook of the lesson, graded as blank: --table says who"
    if undated:
        has = "has" if undated == 1 else "have"
        told = "a time that cannot be told, so in time"
        yield f"Next: {undated} {has} {told}: mend timestamp.txt"
    if by_hand:
        wait = "waits" if by_hand == 1 else "wait"
        yield f"Next: {by_hand} {wait} for a person: autograder written{repeated} or Formgrader"
    if failed or unread or untaken or undated or by_hand:
        lessons = {each.lesson for each in results}  # others may be half-written
        named = f" {min(lessons)}" if len(lessons) == 1 else ""
        yield f"Then: autograder grade{named} --resume{repeated}; with --table: everybody"
    yield f"Next: autograder report{repeated}: what the class got wrong"


def one_line(words: str) -> Text:
    """Cut where the screen ends."""
    made = plain(" ".join(words.split("\n")))
    made.no_wrap, made.overflow = True, "ellipsis"
    return made
