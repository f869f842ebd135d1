"""An exercise of the bank: what is asked, the right answer, and the page of its wrong ones."""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exercises.page import Page
from helpers.questions.base import Asked


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise that is graded automatically. `source` is the right answer's.

    It is read when the bank is loaded, before any answer of a student's is there.
    """

    asked: Asked
    reference: Callable
    source: str
    page: Page
    earlier: Mapping[str, Callable]
    """The right answers to the exercises before it in its lesson, by name."""

    @property
    def name(self) -> str:
        return self.asked.name

    @property
    def points(self) -> float:
        return self.asked.points

    def compile(self, source: str) -> Callable:
        """An answer's source as a function; it sees what it would in the lesson."""
        namespace: dict[str, Any] = {"np": np, **self.earlier} | vars(
            sys.modules[self.reference.__module__]
        )
        exec(compile(source, f"<answer {self.name}>", "exec"), namespace)
        return namespace[self.name]


def source_of(reference: Callable) -> str:
    """A right answer's source, as it would stand in the solution cell."""
    return textwrap.dedent(inspect.getsource(reference))
