"""What is right: computed by the right answer, or played back as it was recorded."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.questions.base import Asked, Drive, Right, driven

Rights = Callable[[int, int], Right]
"""From a seed and a question's place: who knows what is right there."""


class Computed:
    """The right answer itself, on copies of what it is given. `values`: all that it returned."""

    def __init__(self, reference: Callable):
        self.reference = reference
        self.parameters = parameters_of_right(reference)
        self.returns: tuple[str, ...] = ()
        self.values: list[Any] = []

    def __call__(self, *args: Any, drive: Drive | None = None) -> Any:
        value = driven(self.reference, drive)(*copy.deepcopy(args))
        self.values.append(copy.deepcopy(value))
        return value


def computed(reference: Callable) -> Rights:
    return lambda seed, place: Computed(reference)


def asked_for(reference: Callable, asked: Asked, seed: int, place: int) -> list[Any]:
    """What the right answer returns on this seed, each time that the question here asks for it."""
    right = Computed(reference)
    asked.questions[place].test(reference, np.random.default_rng([seed, place]), right)
    return right.values


def parameters_of_right(reference: Callable) -> tuple[str, ...]:
    return tuple(name for name in inspect.signature(reference).parameters if name != "self")


class PlayedBack:
    """Recorded values, one after another, whatever it is asked."""

    def __init__(self, values: list[Any], parameters: tuple[str, ...] = ()):
        self.values = iter(values)
        self.parameters = parameters
        self.returns: tuple[str, ...] = ()

    def __call__(self, *args: Any, drive: Drive | None = None) -> Any:
        try:
            return copy.deepcopy(next(self.values))
        except StopIteration:
            raise LookupError("a question asked for more than was recorded") from None
