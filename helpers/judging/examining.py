"""`examine`: every question of the grader's, in the student's own notebook, at once."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import CodeType, FunctionType
from typing import Any

from helpers._within import ENDLESS, OutOfTime, within
from helpers.checks import FAILED, CheckFailed, Report, name_of, validating
from helpers.judging.diagnosis import Diagnosis, diagnose
from helpers.judging.outcomes import PUBLIC_SEEDS
from helpers.judging.recorded import record_of
from helpers.judging.verdict import Verdict, ask_all
from helpers.questions import asked_of, every_name, lesson_of, names_in
from helpers.questions.base import Asked, Wrong

PATIENCE = 5.0
"""Seconds that one question may take, and the search for what a mistake looks like."""


def examine(answer: Callable) -> None:
    """Ask your answer everything that the grader asks, on other numbers.

    Prints a line for each question, with its points. Where one is not right, it raises
    `CheckFailed`, whose text says what was returned, at which input, what was expected, and, where
    that can be told, what the mistake looks like. One that is not written yet is only told so. It
    changes nothing, and needs no other cell.
    While a submission is graded it does nothing.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return
    asked = _asked_by_name(answer)
    verdict = _worst(asked, answer)
    if verdict.earned == verdict.points:
        print(verdict)
        return
    if verdict.unsolved and not validating():
        print(FAILED, verdict.findings[0].wrong)
        return
    if not verdict.unsolved:
        below = _first_wrong_below(answer, set())
        if below:
            raise Examined(verdict, _look_there_first(asked.name, below))
        if ENDLESS not in verdict.reason:
            verdict = replace(verdict, diagnosis=_diagnosed(asked, answer))
    raise Examined(verdict)


class Examined(CheckFailed):
    """An answer lost points when it was examined: `verdict` says which, beside it what to know."""

    def __init__(self, verdict: Verdict, beside: str = ""):
        text = verdict.findings[0].wrong if verdict.unsolved else str(verdict)
        text = "\n".join(filter(None, (text, beside)))
        AssertionError.__init__(self, text)
        self.report = Report(False, text or "")
        self.verdict = verdict


def _asked_by_name(answer: Any) -> Asked:
    """By its own name, or by the one that it has in its notebook, as `square = lambda x: ...`."""
    names = getattr(answer, "__globals__", {})
    for name in (name_of(answer), *(n for n in every_name() if names.get(n) is answer)):
        with contextlib.suppress(KeyError):
            return asked_of(name)
    why = f"examine() takes an exercise's own function or class; {name_of(answer)} is none"
    raise ValueError(f"{why}. Give it the name itself, as in examine(square).")


def _worst(asked: Asked, answer: Callable) -> Verdict:
    """On the public seeds one after another: the first verdict that lost points, or the last."""
    record = record_of(asked.name)
    for seed in PUBLIC_SEEDS:
        verdict = ask_all(asked, answer, seed, record.rights, _in_time)
        if verdict.earned < verdict.points:
            break
    return verdict


def _in_time(ask: Callable[[], Any]) -> Any:
    try:
        return within(PATIENCE, ask)
    except OutOfTime as error:
        raise Wrong(str(error)) from None


def _diagnosed(asked: Asked, answer: Callable) -> Diagnosis:
    try:
        return within(PATIENCE, lambda: diagnose(asked, answer))
    except OutOfTime:
        return Diagnosis()


# --- Earlier answers that this one calls --------------------------------------------------------


def _first_wrong_below(answer: Callable, right: set[str]) -> str | None:
    """The name of an earlier exercise that this answer calls and that is not right, or None.

    The grader puts the right ones in their place; here there are none to put. right: those that
    are known to be right; what is found to be so is added.
    """
    asked = _asked_by_name(answer)
    earlier = names_in(lesson_of(asked.name))
    for name, other in _called(answer):
        if name in earlier[: earlier.index(asked.name)] and name not in right:
            below = _first_wrong_below(other, right)
            if below:
                return below
            verdict = _worst(asked_of(name), other)
            if verdict.earned < verdict.points:
                return name
            right.add(name)
    return None


def _called(answer: Any) -> Iterator[tuple[str, Any]]:
    """What an answer uses by a name of its notebook: functions and classes."""
    methods = vars(answer).values() if isinstance(answer, type) else (answer,)
    for function in methods:
        if isinstance(function, FunctionType):
            for name in dict.fromkeys(_names(function.__code__)):
                used = function.__globals__.get(name)
                if isinstance(used, FunctionType | type):
                    yield name, used


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _look_there_first(name: str, below: str) -> str:
    return (
        f"{name} uses {below}, which is not right yet: mend {below} first, and run its check. "
        "What fails here may come from there."
    )
