"""The exercise bank: one file a lesson. See `base` for what an exercise is made of."""

from __future__ import annotations

import contextlib
import inspect
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import lru_cache
from importlib import import_module
from itertools import takewhile
from typing import Any

import numpy as np

from autograder.exercises.base import Exercise

BANKS = {
    "01-derivatives": "derivatives",
    "02-numerical-gradient": "numerical_gradient",
    "03-sigmoid-rule": "sigmoid_rule",
    "04-backprop": "backprop",
    "05-optimizers": "optimizers",
}
"""The file of each lesson."""


def exercises(lesson: str) -> tuple[Exercise, ...]:
    """The exercises of a lesson, in its order."""
    return import_module(f"autograder.exercises.{BANKS[lesson]}").EXERCISES


def neighbours(name: str) -> tuple[Exercise, ...]:
    """All exercises of the lesson that has this one."""
    for lesson in BANKS:
        if any(exercise.name == name for exercise in exercises(lesson)):
            return exercises(lesson)
    raise KeyError(f"the exercise bank has no {name!r}")


def find(name: str) -> Exercise:
    """The exercise of this name, from whichever lesson."""
    return next(exercise for exercise in neighbours(name) if exercise.name == name)


@lru_cache(maxsize=256)
def stand_ins(name: str) -> tuple[Exercise, ...]:
    """The earlier exercises of the lesson, whose right answers this one may build on.

    No later ones: two answers that call each other would both be given the right one. And none
    that would itself pass as the answer: to call it would be no answer.
    """
    exercise = find(name)
    earlier = takewhile(lambda e: e.name != name, neighbours(name))
    return tuple(e for e in earlier if not _passes(e.reference, exercise))


def _passes(answer: Callable, exercise: Exercise) -> bool:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            exercise.properties[0].test(answer, np.random.default_rng(0))
        except Exception:  # whatever another exercise's function does with these arguments
            return False
    return True


@contextlib.contextmanager
def others_are_right(exercise: Exercise, answer: Callable) -> Iterator[None]:
    """While an answer is judged, the exercises before it that it may build on are the references.

    So that a mistake in `sigmoid` costs the points of `sigmoid` and no other's.
    """
    with replaced(answer, {e.name: e.reference for e in stand_ins(exercise.name)}):
        yield


def replaced(answer: Callable, values: dict[str, Any]) -> AbstractContextManager[None]:
    """Among the names that a function sees, these are others for a while.

    A function in another process does it there (`__replacing__`).
    """
    there = getattr(answer, "__replacing__", None)
    return there(values) if there else _replaced_here(_globals(answer), values)


@contextlib.contextmanager
def _replaced_here(names: dict[str, Any], values: dict[str, Any]) -> Iterator[None]:
    kept = {name: names[name] for name in values if name in names}
    names.update(values)
    try:
        yield
    finally:
        for name in values:
            names.pop(name, None)
        names.update(kept)


def _globals(answer: Callable) -> dict[str, Any]:
    """The names that a function sees, or the methods of a class."""
    if inspect.isclass(answer):
        methods = (m for m in vars(answer).values() if inspect.isfunction(m))
        return next((m.__globals__ for m in methods), {})
    names = getattr(answer, "__globals__", None)
    return names if type(names) is dict else {}
