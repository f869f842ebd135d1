"""An answer's verdict: every question asked, with the points for each."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from helpers._causes import in_words
from helpers._describing import name_of
from helpers._text import printable
from helpers.checks import FAILED, PASSED, UNSOLVED, Sink
from helpers.judging.diagnosis import Diagnosis
from helpers.judging.right import Rights
from helpers.questions.base import Asked, Wrong

USUAL: Any = {"divide": "warn", "over": "warn", "invalid": "warn", "under": "ignore"}
"""What numpy does with numbers that are none, unless somebody sets another way."""

Guard = Callable[[Callable[[], Any]], Any]
"""Runs what it is given."""

NOT_ASKED, LATER = "–", "counts once the first is right"


@dataclass(frozen=True)
class Finding:
    """One question: what it says, its points, what was earned, and what was wrong (or None).

    Whatever an answer has returned, named or raised, what is said of it can be printed and ends.
    """

    says: str
    points: float
    earned: float
    wrong: str | None

    def __post_init__(self) -> None:
        if self.wrong is not None:
            object.__setattr__(self, "wrong", printable(self.wrong) or "it is wrong")


@dataclass(frozen=True)
class Verdict:
    """What was found on all questions, and why. seed: what a student's inputs were drawn from."""

    exercise: str
    findings: tuple[Finding, ...]
    seed: int | None = None
    diagnosis: Diagnosis = field(default_factory=Diagnosis)
    heard: tuple[str, ...] = field(default=(), repr=False, compare=False)
    """What each question came to that was asked, also where it earns nothing; empty if right."""

    @property
    def earned(self) -> float:
        return float(sum(f.earned for f in self.findings))

    @property
    def points(self) -> float:
        return float(sum(f.points for f in self.findings))

    @property
    def reason(self) -> str:
        """Why points were lost, in one sentence; empty where none were."""
        first = next((f.wrong for f in self.findings if f.wrong), "")
        return self.diagnosis.short or first.split("\n")[0]

    @property
    def unsolved(self) -> bool:
        return UNSOLVED in (self.findings[0].wrong or "")

    @property
    def puzzling(self) -> bool:
        """Whether points were lost for a reason that is worth looking for."""
        return self.earned < self.points and not self.unsolved

    def __str__(self) -> str:
        unit = "point" if self.points == 1 else "points"
        lines = [f"{self.exercise}: {self.earned:g} of {self.points:g} {unit}"]
        for f in self.findings:
            mark = NOT_ASKED if f.wrong == LATER else FAILED if f.wrong else PASSED
            lines.append(f"  {mark} {f.says} ({f.earned:g}/{f.points:g})")
            if mark == FAILED:
                lines += [f"      {line}" for line in str(f.wrong).split("\n")]
        if any(f.wrong == LATER for f in self.findings):
            lines.append(f"  ({NOT_ASKED}: {LATER})")
        if str(self.diagnosis):
            lines.append(f"  What it looks like: {self.diagnosis}")
        if self.seed is not None and self.earned < self.points:
            lines.append(f"  The inputs were drawn from seed {self.seed}.")
        return "\n".join(lines)


def plainly(ask: Callable[[], Any]) -> Any:
    return ask()


def ask_all(
    asked: Asked,
    answer: Callable,
    seed: int,
    rights: Rights,
    guard: Guard = plainly,
    *,
    shuffled: bool = False,
) -> Verdict:
    """Ask every question; one that depends on a wrong value earns nothing.

    guard: runs what asks one question, and raises `Wrong` where that takes too long. shuffled: in
    an order of chance, so that an answer that counts its calls does not know what it is asked. In
    the exercise's own order a wrong answer is done with its first question.
    """
    count = len(asked.questions)
    order = np.random.default_rng([seed, count]).permutation(count) if shuffled else range(count)
    wrong: dict[int, str | None] = {}
    for place in map(int, order):
        if wrong.get(0) is not None:  # without the value the others earn nothing
            break
        wrong[place] = ask_one(asked, place, answer, seed, rights, guard)
    heard = tuple(each or "" for each in wrong.values())
    return Verdict(asked.name, tuple(_findings(asked, wrong)), heard=heard)


def _findings(asked: Asked, wrong: dict[int, str | None]) -> Iterator[Finding]:
    for place, question in enumerate(asked.questions):
        found = LATER if place and wrong[0] is not None else wrong[place]
        earned = question.points if found is None else 0.0
        yield Finding(question.says, question.points, earned, found)


def ask_one(
    asked: Asked,
    place: int,
    answer: Callable,
    seed: int,
    rights: Rights,
    guard: Guard = plainly,
) -> str | None:
    """What is wrong, in words, or None. Each question draws from a generator of its own.

    So that a change of one does not move another's inputs.
    """
    question, rng = asked.questions[place], np.random.default_rng([seed, place])
    right = rights(seed, place)
    if question.drive is asked.questions[0].drive:
        right.returns = asked.returns
    try:
        # What an answer prints is not ours, and what it has set for its own sums is not for ours.
        with contextlib.redirect_stdout(Sink()), np.errstate(**USUAL):
            guard(lambda: question.test(answer, rng, right))
    except Wrong as found:
        return str(found)
    except Exception as error:  # raised by the answer's odd value, not by the answer itself
        return f"what {name_of(answer)} returned cannot be used here: it {in_words(error)}"
    return None


def nothing(asked: Asked, why: str) -> Verdict:
    """No points, for a reason that lies outside the questions: there was nothing to judge."""
    return Verdict(asked.name, tuple(_findings(asked, {0: why})))
