"""What a wrong answer looks like: by its structure, as a known mistake, as a small edit.

The answer runs on the public inputs, which are of several shapes. An explanation is spoken only
where it holds on all of them, and only one is.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.judging.outcomes import Outcome, alike, fingerprint, mark, outcomes, public_arguments
from helpers.judging.recorded import Record, record_of
from helpers.judging.relations import Case
from helpers.judging.structure import Reading, read
from helpers.questions.base import Asked, arguments_of

ENOUGH = 4
"""An explanation that holds on so many wrong values is almost certain."""

EDITS = {
    "operator": "as if one of +, −, ×, / or the power were another one",
    "sign": "as if a minus sign were missing, or one too many",
    "comparison": "as if a comparison went the other way, or took its border the other way",
    "condition": "as if a condition were turned round",
    "number": "as if one number (a factor, a power, an index, an axis) were a little off",
    "name": "as if, in one place, a variable were taken for another",
    "function": "as if a function were taken for a similar one (a sum for a mean, max for min)",
    "keyword": "as if an option such as keepdims were set the other way",
}
"""What an answer behaves like, by the kind of edit that turns the right one into it."""


@dataclass(frozen=True)
class Diagnosis:
    """One explanation at most, with its confidence in words; and what is right in any case."""

    structure: str | None = None
    hypothesis: str | None = None
    confidence: str = ""
    kind: str = ""
    right: str | None = None

    @property
    def short(self) -> str:
        """The explanation alone."""
        return self.hypothesis or self.structure or ""

    def __str__(self) -> str:
        facts = "; ".join(text for text in (self.structure, self.right) if text)
        facts = facts[:1].upper() + facts[1:] + "." if facts else ""
        guess = f"{self.hypothesis} ({self.confidence})" if self.hypothesis else ""
        return " ".join(text for text in (facts, guess) if text)


def diagnose(asked: Asked, answer: Callable, record: Record | None = None) -> Diagnosis:
    """Why this answer is wrong, as far as that can be said. record: another than the course's."""
    record = record or record_of(asked.name)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an answer on inputs that it cannot take
        own = outcomes(asked, answer, record.rights)
        return explain(asked, record, own)


def explain(asked: Asked, record: Record, own: list[Outcome]) -> Diagnosis:
    """The explanation of what an answer came to on the public inputs."""
    right = record.right_outcomes(asked)
    wrong = [mine for mine, good in zip(own, right, strict=True) if not _same(mine, good)]
    if not wrong:
        return Diagnosis()
    found = fingerprint(own)
    reading = _structure(asked, record, own)
    known = record.mistake(found)
    if known:
        values = sum(outcome.said is None for outcome in wrong)
        sure = "almost certain" if values >= ENOUGH else "likely"
        return Diagnosis(reading.wrong, known, sure, "misconception")
    if reading.wrong and reading.firm:
        return Diagnosis(reading.wrong, kind="structure", right=reading.right)
    # An error alone is what many edits could raise: it is told as it is.
    edit = None if all(outcome.raised for outcome in wrong) else record.edit(found)
    if edit:
        said = f"It behaves {EDITS[edit]}."
        return Diagnosis(reading.wrong, said, "possible", "edit", reading.right)
    return Diagnosis(reading.wrong, kind="structure" if reading.wrong else "", right=reading.right)


def _same(one: Outcome, other: Outcome) -> bool:
    if one.said or other.said:
        return one.said == other.said
    return alike(mark(one.value), mark(other.value))


def _structure(asked: Asked, record: Record, own: list[Outcome]) -> Reading:
    """Of the first question with probes: how what was returned is related to what is right."""
    place = next((i for i, q in enumerate(asked.questions) if q.probes), None)
    if place is None:
        return Reading(None, None)
    wanted = [value for seed in record.values for value in seed[place]]
    cases = []
    for (args, index), want in zip(public_arguments(asked, place), wanted, strict=True):
        if own[index].said:
            return Reading(None, None)
        names = arguments_of(record.parameters, asked.questions[place].drive, len(args))
        cases.append(Case(dict(zip(names, args, strict=True)), own[index].value, want))
    return read(cases, asked.returns, record.rows)
