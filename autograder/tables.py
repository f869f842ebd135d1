"""What the class did, for the instructor's eyes."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from autograder.classroom import Result
from autograder.grading.inbox import NotRead
from autograder.runner import Change
from helpers._text import printable
from helpers.checks import UNSOLVED

if TYPE_CHECKING:
    from autograder.proving.prove import Proof

MOST_REASONS = 2
WIDEST = 40
"""Letters of a student's name beside the points; else a long one takes the others' room."""


def points(result: Result) -> str:
    """`17 of 24`, and what is left to grade by hand."""
    text = f"{result.points:g} of {result.of:g}"
    return text + (
        f" ({result.to_grade_by_hand:g} to grade by hand)" if result.to_grade_by_hand else ""
    )


def table(results: list[Result], unread: list[NotRead] = []) -> Table:  # noqa: B006
    """Student × lesson: the points, and in words why some were lost."""
    lessons = sorted({r.lesson for r in results})
    students = list(dict.fromkeys(r.student for r in results))
    by_place = together(results)
    not_read = {(u.student, u.lesson) for u in unread}
    made = Table(show_lines=True)
    made.add_column("student", no_wrap=True, max_width=WIDEST)
    for lesson in lessons:
        made.add_column(plain(lesson), ratio=1)
    for student, name in zip(students, labels(students), strict=True):
        cells = (
            Text("not read, see below")
            if (student, lesson) in not_read and (student, lesson) not in by_place
            else cell(by_place.get((student, lesson)))
            for lesson in lessons
        )
        made.add_row(plain(name), *cells)
    return made


def plain(words: str) -> Text:
    """Words of others as they stand: they set no colour, open no link and move no cursor."""
    return Text(printable(words))


def without_marks(words: str) -> str:
    """A sentence without the marks around its code, which a page shows as such."""
    return words.replace("`", "")


def labels(students: list[str]) -> list[str]:
    """Their names; where two look alike, as é may be one character or two, in escapes as well."""
    alike = Counter(unicodedata.normalize("NFKC", name) for name in students)
    return [
        f"{name} ({name!a})" if alike[unicodedata.normalize("NFKC", name)] > 1 else name
        for name in students
    ]


def unread_table(unread: list[NotRead]) -> Table:
    """What lies in the folder and was not graded, why, and what to do."""
    made = Table(box=SIMPLE_HEAD)
    for heading in ("not read", "why, and what to do"):
        made.add_column(heading, overflow="fold")
    for each in sorted(unread, key=lambda u: (u.student, u.lesson)):
        place = f"{each.student}/{each.lesson}" if each.lesson else each.student
        made.add_row(plain(place), plain(each.why))
    return made


def together(results: list[Result]) -> dict[tuple[str, str], Result]:
    """One result for each student and assignment, which may have several notebooks."""
    made: dict[tuple[str, str], Result] = {}
    for r in results:
        sofar = made.get((r.student, r.lesson))
        if sofar is not None:
            r = replace(
                r,
                points=sofar.points + r.points,
                of=sofar.of + r.of,
                to_grade_by_hand=sofar.to_grade_by_hand + r.to_grade_by_hand,
                reasons=sofar.reasons + r.reasons,
                lost=sofar.lost + r.lost,
                shown=sofar.shown + r.shown,
                late=sofar.late or r.late,
                undated=sofar.undated or r.undated,
                untaken=sofar.untaken or r.untaken,
                failed=sofar.failed or r.failed,
            )
        made[r.student, r.lesson] = r
    return made


def changes_table(changes: list[Change]) -> Table:
    """What a dry run found that grading would change."""
    made = Table(box=SIMPLE_HEAD)
    for heading in ("student", "assignment", "question"):
        made.add_column(heading, no_wrap=True, max_width=WIDEST)
    for heading in ("before", "after"):
        made.add_column(heading, justify="right")
    for c in changes:
        where = map(plain, (c.student, c.assignment, c.question))
        made.add_row(*where, _number(c.before), _number(c.after))
    return made


def _number(points: float | None) -> str:
    return "–" if points is None else f"{points:g}"


def cell(result: Result | None) -> Text:
    if result is None:
        return Text("not handed in", style="dim")
    lines = Text(points(result), style="bold")
    blank = sum(UNSOLVED in reason for reason in result.reasons)
    reasons = [reason for reason in result.reasons if UNSOLVED not in reason]
    if blank:
        reasons.append(f"{blank} exercise{'s' if blank > 1 else ''} not answered")
    for reason in reasons[:MOST_REASONS]:
        lines.append(f"\n{printable(without_marks(reason))}", style="not bold")
    more = len(reasons) - MOST_REASONS
    if more > 0:
        lines.append(f"\nand {more} more, see the feedback", style="not bold dim")
    return lines


def proof_table(proofs: list[Proof]) -> Table:
    """What `autograder prove` tried on each exercise, and what came of it."""
    table = Table(box=SIMPLE_HEAD)
    table.add_column("exercise", no_wrap=True)
    for heading in (
        "known wrong,\nnamed",
        "mutants,\nof forms",
        "kinds,\noff",
        "tried,\nexplained",
        "that\nraise",
        "without\neffect",
        "other\nforms",
        "gradings",
        "of right\nanswers",
        "refused",
        "slowest\nms",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for proof in proofs:
        table.add_row(*_proof_row(proof))
    table.add_section()
    table.add_row(*_proof_row(total(proofs)))
    return table


def _proof_row(proof: Proof) -> list[str]:
    return [
        proof.exercise,
        f"{proof.named} of {proof.misconceptions}",
        f"{proof.mutants} + {proof.edits}",
        f"{proof.kinds} - {len(proof.off)}",
        f"{proof.explained} of {proof.tried}",
        f"{proof.crashed}",
        f"{len(proof.same)}",
        f"{proof.equivalents}",
        f"{proof.gradings}",
        f"{proof.right}",
        f"{proof.refused}",
        f"{1000 * proof.slowest:.0f}",
    ]


def total(proofs: list[Proof]) -> Proof:
    """The sums over all exercises, and the slowest grading of all."""
    from autograder.proving.prove import Proof

    whole = Proof("together")
    for proof in proofs:
        for name in (
            "misconceptions",
            "named",
            "mutants",
            "edits",
            "kinds",
            "tried",
            "explained",
            "crashed",
            "equivalents",
            "gradings",
            "right",
            "refused",
        ):
            setattr(whole, name, getattr(whole, name) + getattr(proof, name))
        whole.same += proof.same
        whole.off += proof.off
        whole.faults += proof.faults
        whole.slowest = max(whole.slowest, proof.slowest)
    return whole
