"""The judge: runs an exercise's properties against an answer and gives points for each."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from IPython.display import display

from autograder.diagnosis import Diagnosis, diagnose
from autograder.exercises import find, others_are_right
from autograder.exercises.base import Exercise, Wrong
from autograder.sandbox.text import printable
from helpers.checks import FAILED, PASSED

SEED = 20
SECRET = "DOWNHILL_SECRET"
"""The environment variable that holds the class's secret."""

VERDICT = "application/vnd.downhill.verdict+json"
"""The form in which a verdict stands in an executed notebook, beside its text."""


UNANSWERED = "is not implemented yet"
"""What `helpers.checks` says of an answer that raises NotImplementedError."""
LATER = "counts once the value is right"


@dataclass(frozen=True)
class Finding:
    """One property: what it says, its points, what was earned, and what was wrong (or None).

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
    exercise: str
    findings: tuple[Finding, ...]
    seed: int = SEED
    diagnosis: Diagnosis | None = None

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
        why = self.diagnosis and (self.diagnosis.hypothesis or self.diagnosis.structure)
        return why or first.split("\n")[0]

    @property
    def puzzling(self) -> bool:
        """Whether points were lost for a reason that is worth looking for."""
        unanswered = UNANSWERED in (self.findings[0].wrong or "")
        return self.earned < self.points and not unanswered

    def as_data(self) -> dict:
        return {"earned": self.earned, "points": self.points, "reason": self.reason}

    def __str__(self) -> str:
        lines = [f"{self.exercise}: {self.earned:g} of {self.points:g} points"]
        for f in self.findings:
            mark = FAILED if f.wrong else PASSED
            lines.append(f"  {mark} {f.says} ({f.earned:g}/{f.points:g})")
            if f.wrong:
                lines += [f"      {line}" for line in f.wrong.split("\n")]
        if self.diagnosis and str(self.diagnosis):
            lines.append(f"  What it looks like: {self.diagnosis}")
        if self.earned < self.points:
            lines.append(f"  The inputs were drawn from seed {self.seed}.")
        return "\n".join(lines)


def judge(exercise: Exercise, answer: Callable, seed: int = SEED) -> Verdict:
    """Run every property; one that depends on a wrong value earns nothing."""
    with others_are_right(exercise, answer):
        return Verdict(exercise.name, tuple(findings_of(exercise, answer, seed)), seed)


def findings_of(exercise: Exercise, answer: Callable, seed: int) -> list[Finding]:
    findings: list[Finding] = []
    for prop in exercise.properties:
        # Each property draws from its own generator, so that one does not move another's probes.
        rng = np.random.default_rng([seed, len(findings)])
        wrong: str | None = None
        if findings and findings[0].wrong:
            wrong = LATER
        else:
            try:
                with contextlib.redirect_stdout(io.StringIO()):  # what an answer prints is not ours
                    prop.test(answer, rng)
            except Wrong as found:
                wrong = str(found)
            except Exception as error:  # raised by the answer's odd value, not by the answer itself
                wrong = f"what it returned cannot be used here ({type(error).__name__}: {error})"
        earned = prop.points if wrong is None else 0.0
        findings.append(Finding(prop.says, prop.points, earned, wrong))
    return findings


def nothing(exercise: Exercise, why: str, seed: int) -> Verdict:
    """No points, for a reason that lies outside the properties: there was nothing to judge."""
    first, *others = exercise.properties
    findings = [Finding(first.says, first.points, 0.0, why)]
    findings += [Finding(p.says, p.points, 0.0, LATER) for p in others]
    return Verdict(exercise.name, tuple(findings), seed)


def seed_of(secret: str, student: str, name: str) -> int:
    """The seed of one student's inputs for one exercise.

    It is made of the class's secret, so that no answer can hold the right values by heart, and a
    regrade draws the same inputs again.
    """
    digest = hashlib.sha256(f"{secret}/{student}/{name}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


def student_seed(name: str) -> int:
    """The seed while nbgrader grades, which runs in autograded/STUDENT/LESSON; else the usual."""
    secret = os.environ.get(SECRET)
    if not secret or os.environ.get("NBGRADER_EXECUTION") != "autograde":
        return SEED
    return seed_of(secret, Path.cwd().parent.name, name)


def award(name: str, answer: Callable, seed: int | None = None) -> float:
    """The hidden line of a test cell: show the verdict and end the cell in the points.

    nbgrader takes a cell's last value as its grade, and keeps what was shown as the message. A
    verdict that took points names its seed: with it, the same inputs are drawn again.
    """
    exercise = find(name)
    verdict = judge(exercise, answer, student_seed(name) if seed is None else seed)
    if verdict.puzzling:
        verdict = replace(verdict, diagnosis=diagnose(exercise, answer))
    display({"text/plain": str(verdict), VERDICT: verdict.as_data()}, raw=True)
    return verdict.earned
