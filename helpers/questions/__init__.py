"""What each exercise is asked: a folder a lesson, a file an exercise. No answer is among them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module

from helpers.questions.base import Asked

LESSONS = {
    "01-derivatives": "derivatives",
    "02-numerical-gradient": "numerical_gradient",
    "03-sigmoid-rule": "sigmoid_rule",
    "04-backprop": "backprop",
    "05-optimizers": "optimizers",
    "06-training": "training",
    "07-loss-landscapes": "landscapes",
}
"""The folder of each lesson, here and in the bank."""


@cache
def names_in(lesson: str) -> tuple[str, ...]:
    """The names of a lesson's exercises, in its order."""
    return import_module(f"helpers.questions.{LESSONS[lesson]}").EXERCISES


def every_name() -> Iterator[str]:
    for lesson in LESSONS:
        yield from names_in(lesson)


def lesson_of(name: str) -> str:
    """The lesson that has this exercise. Raises `KeyError`."""
    for lesson in LESSONS:
        if name in names_in(lesson):
            return lesson
    raise KeyError(f"no lesson has an exercise {name!r}")


@cache
def asked_of(name: str) -> Asked:
    """What the exercise of this name is asked. Raises `KeyError`."""
    folder = LESSONS[lesson_of(name)]
    return import_module(f"helpers.questions.{folder}.{name}").ASKED
