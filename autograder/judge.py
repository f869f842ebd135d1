"""The judge: asks an answer everything, on inputs of its own, and gives points."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection
from dataclasses import replace
from inspect import signature
from pathlib import Path

from IPython.display import display

from autograder.exercises import others_are_right, stand_ins, without_page
from autograder.exercises.base import Exercise
from helpers.judging import diagnosis, verdict
from helpers.judging.diagnosis import Diagnosis
from helpers.judging.recorded import Record
from helpers.judging.right import computed
from helpers.judging.verdict import Verdict, ask_all

SEED = 20
LOST: set[str] = set()
"""The exercises that lost points in this very process: those before one that is awarded."""
SECRET = "DOWNHILL_SECRET"
"""The environment variable that holds the class's secret."""

VERDICT = "application/vnd.downhill.verdict+json"
"""The form in which a verdict stands in an executed notebook, beside its text."""


def judge(
    exercise: Exercise,
    answer: Callable,
    seed: int = SEED,
    *,
    shuffled: bool = True,
    right: Collection[str] | None = None,
) -> Verdict:
    """Ask every question, in an order of chance or (quicker) in the exercise's own.

    right: the earlier exercises whose right answers stand in for the student's; by default all.
    """
    rights = computed(exercise.reference)
    with others_are_right(exercise, answer, right):
        found = ask_all(exercise.asked, answer, seed, rights, shuffled=shuffled)
    return replace(found, seed=seed)


def fairly(
    exercise: Exercise,
    ask: Callable[[frozenset[str]], Verdict],
    wrong: Collection[str],
    stop: tuple[type[BaseException], ...] = (),
    used: Collection[str] | None = None,
    quick: bool = False,
) -> Verdict:
    """The best verdict, so that no earlier exercise costs a later one anything.

    With the right answers to all of them; with those to the wrong ones alone, for what builds on an
    answer that is right and has another interface; and with all as the student has them.
    ask: judges with these right answers. wrong: the exercises that lost points. stop: what ends it;
    raised where there is no verdict yet. used: the names that the answer may build on, where that
    is known: what it does not use makes no difference, and is not tried.
    quick: with those to the wrong ones first, as most of what is right is right with these as well.
    Not where one is handed a function: it calls that where the judge has it, without a message.
    """
    earlier = stand_ins(exercise.name, used)
    every = frozenset(e.name for e in earlier)
    mended = every & frozenset(wrong)
    handed = any("f" in signature(e.reference).parameters for e in earlier)
    first = mended if quick and not handed else every
    best: Verdict | None = None
    for right in dict.fromkeys((first, every, mended, frozenset[str]())):
        try:
            found = ask(right)
        except stop:
            if best is None:
                raise
            break
        # Of equal ones that with all right answers says more clearly what is wrong.
        if best is None or (found.earned, right == every) > (best.earned, False):
            best = found
        if best.earned == best.points or (best.unsolved and right == every):
            break
    assert best is not None
    return best


def nothing(exercise: Exercise, why: str, seed: int) -> Verdict:
    """No points, for a reason that lies outside the questions: there was nothing to judge."""
    return replace(verdict.nothing(exercise.asked, why), seed=seed)


def diagnose(
    exercise: Exercise,
    answer: Callable,
    record: Record | None = None,
    right: Collection[str] | None = None,
) -> Diagnosis:
    """Why this answer is wrong, as `examine` would say it; by another record than the course's.

    right: as in `judge`.
    """
    with others_are_right(exercise, answer, right):
        return diagnosis.diagnose(exercise.asked, answer, record)


def as_data(found: Verdict, shown: Callable[[str], str] = str) -> dict:
    """A verdict as a page reads it. shown: makes texts fit to be shown."""
    return {
        "earned": found.earned,
        "points": found.points,
        "reason": shown(found.reason),
        "findings": [
            {
                "says": f.says,
                "points": f.points,
                "earned": f.earned,
                "wrong": None if f.wrong is None else shown(f.wrong),
            }
            for f in found.findings
        ],
        "looks": shown(str(found.diagnosis)),
        "seed": found.seed,
    }


def seed_of(secret: str, student: str, name: str, handed_in: str = "") -> int:
    """The seed of one student's inputs for one exercise.

    It is made of the class's secret, so that no answer can hold the right values by heart, and a
    regrade draws the same inputs again. handed_in: a digest of what is graded, so that no answer
    can hold what an earlier one has found out.
    """
    digest = hashlib.sha256(f"{secret}/{student}/{name}/{handed_in}".encode()).digest()
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
    exercise = without_page(name)
    seed = student_seed(name) if seed is None else seed
    found = fairly(exercise, lambda right: judge(exercise, answer, seed, right=right), LOST)
    (LOST.discard if found.earned == found.points else LOST.add)(name)
    if found.puzzling:
        found = replace(found, diagnosis=diagnose(exercise, answer))
    display({"text/plain": str(found), VERDICT: as_data(found)}, raw=True)
    return found.earned
