"""Calls of an answer, written down, and variations of them: integers, zeros, other sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Event:
    """One call from outside: of a function, or of a method of object `number` in a script.

    before: the attributes of the object that were set from outside before it.
    """

    args: tuple
    settings: dict
    method: str = ""
    number: int = 0
    before: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Object:
    """An argument that is an object of the class itself: the one of this number."""

    number: int


Script = list[Event]


def is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiu"


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def variations(event: Event) -> Iterator[Event]:
    """Integers and zeros in each argument; then all arrays in another order, cut, and larger."""
    for turn in (_whole, _with_zero):
        for place, arg in enumerate(event.args):
            new = turn(arg)
            if new is not None:
                yield Event((*event.args[:place], new, *event.args[place + 1 :]), event.settings)
    for all_turn in (_turned_over, _strided, _larger, _cut_to_two, _cut_to_one):
        new_args = tuple(_turned_with_its_parts(all_turn, arg) for arg in event.args)
        if any(new is not old for new, old in zip(new_args, event.args, strict=True)):
            yield Event(new_args, event.settings)


def _turned_with_its_parts(turn: Callable, arg: Any) -> Any:
    """An array, or those in a state, which have the sizes of the others; itself if it has none."""
    if isinstance(arg, dict) and any(map(is_array, arg.values())):
        return {key: _turned(turn, value) for key, value in arg.items()}
    return _turned(turn, arg)


def _whole(value: Any) -> Any:
    if is_array(value) and value.dtype.kind == "f" and np.all(np.isfinite(value)):
        return np.rint(3 * value).astype(int)
    return round(3 * value) if isinstance(value, float) and np.isfinite(value) else None


def _with_zero(value: Any) -> Any:
    if is_array(value) and value.size and value.dtype.kind == "f":
        return np.where(np.arange(value.size).reshape(value.shape) == 0, 0.0, value)
    return 0.0 if isinstance(value, float) else None


def _turned_over(array: np.ndarray) -> np.ndarray:
    return np.asfortranarray(array) if array.ndim > 1 else array


def _strided(array: np.ndarray) -> np.ndarray:
    return np.repeat(array[..., None], 2, axis=-1)[..., 0] if array.ndim else array


def _larger(array: np.ndarray) -> np.ndarray:
    return 10 * array if array.dtype.kind == "f" else array


def _cut_to_two(array: np.ndarray) -> np.ndarray:
    return array[(slice(2),) * array.ndim] if array.ndim else array


def _cut_to_one(array: np.ndarray) -> np.ndarray:
    return array[(slice(1),) * array.ndim] if array.ndim else array


def varied_script(script: Script) -> Iterator[Script]:
    """All its arrays as integers, with a zero, larger, and in another order."""
    for turn in (_whole, _with_zero, _larger, _turned_over, _strided):
        yield [replace(event, args=tuple(_turned(turn, a) for a in event.args)) for event in script]


def _turned(turn: Callable, arg: Any) -> Any:
    new = turn(arg) if is_array(arg) else None
    return arg if new is None else new
