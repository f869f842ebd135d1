"""An answer's verdict: every question asked, with the points for each."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers._causes import in_words
from helpers._describing import name_of
from helpers.checks import FAILED, PASSED, UNSOLVED, Sink
from helpers.judging.diagnosis import Diagnosis
from helpers.judging.right import Rights
from helpers.questions.base import Asked, Question, Wrong

LATER = "counts once the value is right"


@dataclass(frozen=True)
class Finding:
    """One question: what it says, its points, what was earned, and what was wrong (or None)."""

    says: str
    points: float
    earned: float
    wrong: str | None


@dataclass(frozen=True)
class Verdict:
    """What was found on all questions, and why; seed: what a student's own inputs were drawn from."""

    exercise: str
    findings: tuple[Finding, ...]
    seed: int | None = None
    diagnosis: Diagnosis = Diagnosis()

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
        lines = [f"{self.exercise}: {self.earned:g} of {self.points:g} points"]
        for f in self.findings:
            mark = FAILED if f.wrong else PASSED
            lines.append(f"  {mark} {f.says} ({f.earned:g}/{f.points:g})")
            if f.wrong:
                lines += [f"      {line}" for line in f.wrong.split("\n")]
        if str(self.diagnosis):
            lines.append(f"  What it looks like: {self.diagnosis}")
        if self.seed is not None and self.earned < self.points:
            lines.append(f"  The inputs were drawn from seed {self.seed}.")
        return "\n".join(lines)


def ask_all(
    asked: Asked,
    answer: Callable,
    seed: int,
    rights: Rights,
    guard: Callable[[Callable[[], Any]], Any] = lambda ask: ask(),
) -> Verdict:
    """Ask every question; one that depends on a wrong value earns nothing.

    guard: runs what asks one question, and raises `Wrong` where that takes too long.
    """
    findings: list[Finding] = []
    for place, question in enumerate(asked.questions):
        if findings and findings[0].wrong:
            wrong: str | None = LATER
        else:
            wrong = ask_one(question, answer, place, seed, rights, guard)
        earned = 0.0 if wrong else question.points
        findings.append(Finding(question.says, question.points, earned, wrong))
    return Verdict(asked.name, tuple(findings))


def ask_one(
    question: Question,
    answer: Callable,
    place: int,
    seed: int,
    rights: Rights,
    guard: Callable[[Callable[[], Any]], Any] = lambda ask: ask(),
) -> str | None:
    """What is wrong, in words, or None. Each question draws from a generator of its own.

    So that a change of one does not move another's inputs.
    """
    rng = np.random.default_rng([seed, place])
    try:
        with contextlib.redirect_stdout(Sink()):  # what an answer prints is not ours
            guard(lambda: question.test(answer, rng, rights(seed, place)))
    except Wrong as found:
        return str(found)
    except Exception as error:  # raised by the answer's odd value, not by the answer itself
        return f"what {name_of(answer)} returned cannot be used here: it {in_words(error)}"
    return None


def nothing(asked: Asked, why: str) -> Verdict:
    """No points, for a reason that lies outside the questions: there was nothing to judge."""
    return Verdict(asked.name, tuple(_nothing(asked, why)))


def _nothing(asked: Asked, why: str) -> Iterator[Finding]:
    first, *others = asked.questions
    yield Finding(first.says, first.points, 0.0, why)
    for question in others:
        yield Finding(question.says, question.points, 0.0, LATER)
