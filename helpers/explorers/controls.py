"""What the hand moves: each control has a name, a label and a value.

The value of a slider and of a player is a position, counted from 0; so whatever there is to know at
every position can be sent to the browser beforehand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from helpers.explorers.scene import show


@dataclass(frozen=True)
class Slider:
    """One of a few numbers, in order."""

    kind: ClassVar[str] = "slider"
    name: str
    label: str
    positions: tuple[float, ...]
    at: int

    def read(self, value: Any) -> float:
        """The number that a value of this control stands for."""
        return self.positions[int(value)]

    def write(self, number: float) -> int:
        """The value nearest to a number."""
        return int(np.argmin(np.abs(np.array(self.positions) - number)))

    def settings(self) -> dict[str, Any]:
        return {"texts": [show(p) for p in self.positions]}

    def every(self) -> Sequence[int]:
        """Every value that it can have."""
        return range(len(self.positions))


@dataclass(frozen=True)
class Choice:
    """One of a few names."""

    kind: ClassVar[str] = "choice"
    name: str
    label: str
    options: tuple[str, ...]
    at: str

    def read(self, value: Any) -> str:
        return str(value)

    def write(self, option: str) -> str:
        if option not in self.options:
            raise ValueError(f"{option!r} is not one of {self.options}")
        return option

    def settings(self) -> dict[str, Any]:
        return {"options": self.options}

    def every(self) -> Sequence[str]:
        """Every value that it can have."""
        return self.options


@dataclass(frozen=True)
class Number:
    """Any number, typed; `step` is how far an arrow key moves it."""

    kind: ClassVar[str] = "number"
    name: str
    label: str
    at: float
    step: float

    def read(self, value: Any) -> float:
        return float(value)

    def write(self, number: float) -> float:
        if not np.isfinite(number):
            raise ValueError(f"{self.name} must be a finite number, not {number}")
        return float(number)

    def settings(self) -> dict[str, Any]:
        return {"step": self.step}

    def every(self) -> Sequence[Any]:
        raise TypeError(f"{self.name} can be any number; nothing is sent ahead along it")


@dataclass(frozen=True)
class Text:
    """A line of text, taken when it is finished."""

    kind: ClassVar[str] = "text"
    name: str
    label: str
    at: str

    def read(self, value: Any) -> str:
        return str(value)

    def write(self, text: str) -> str:
        return text

    def settings(self) -> dict[str, Any]:
        return {}

    def every(self) -> Sequence[Any]:
        raise TypeError(f"{self.name} can be any text; nothing is sent ahead along it")


@dataclass(frozen=True)
class Player:
    """A position from 0 to `last`, to scrub, to step and to play."""

    kind: ClassVar[str] = "player"
    name: str
    label: str
    last: int
    at: int

    def read(self, value: Any) -> int:
        return int(value)

    def write(self, position: int) -> int:
        return min(max(int(position), 0), self.last)

    def settings(self) -> dict[str, Any]:
        return {"last": self.last}

    def every(self) -> Sequence[int]:
        """Every value that it can have."""
        return range(self.last + 1)


Control = Slider | Choice | Number | Text | Player


def slider(name: str, label: str, at: float, positions: Iterable[float]) -> Slider:
    """A slider over these numbers and `at`, which it shows first."""
    every = tuple(sorted({*map(float, positions), float(at)}))
    return Slider(name, label, every, every.index(float(at)))


def linear(name: str, label: str, at: float, low: float, high: float, count: int) -> Slider:
    return slider(name, label, at, _round(np.linspace(low, high, count)))


def powers(name: str, label: str, at: float, low: float, high: float, per_ten: int) -> Slider:
    """From 10^low to 10^high, with so many positions for each power of ten."""
    count = round((high - low) * per_ten) + 1
    return slider(name, label, at, _round(np.logspace(low, high, count)))


def _round(numbers: np.ndarray) -> list[float]:
    """To four digits, as they are shown; so 0.3 stands once."""
    return [float(f"{number:.4g}") for number in numbers]
