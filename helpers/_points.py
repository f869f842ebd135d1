"""A loss and its gradient at a point: parameters of any structure as a list of float arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers._code import LAMBDA, taker_of
from helpers._describing import at_point, describe, index, join, kind_of, name_of, parameters_of
from helpers._findings import (
    Wrong,
    as_plain,
    changed,
    numbers,
    returned_none,
    transpose_fits,
    two_answers,
)
from helpers._kept import Kept
from helpers.checks import call, explain_exception

SHOWN = 4
"""Up to so many entries the point itself is told."""


@dataclass
class Point:
    """`f` at `x`: a number, an array, a tuple of arrays (`f(*x)`) or a dict of arrays (`f(x)`).

    grad: a function with the same parameters, for their names where those of `f` are not known.
    """

    f: Callable
    x: Any
    grad: Callable | None = None

    def __post_init__(self) -> None:
        named = zip(self.parts(self.x), self.names, strict=True)
        self.arrays = [_as_floats(part, name) for part, name in named]

    @staticmethod
    def parts(x: Any) -> list:
        if isinstance(x, dict):
            return list(x.values())
        return list(x) if isinstance(x, tuple) else [x]

    @property
    def names(self) -> list[str]:
        """The name of each parameter: the dict's keys, or `f`'s parameters."""
        if isinstance(self.x, dict):
            return [str(key) for key in self.x]
        if not isinstance(self.x, tuple):
            return [""]
        return self.parameters

    @property
    def parameters(self) -> list[str]:
        """What `f`, or else `grad`, calls its arguments."""
        count = len(self.x) if isinstance(self.x, tuple) else 1
        own = parameters_of(self.f, count)
        unknown = any(" " in name for name in own)
        return parameters_of(self.grad, count) if unknown and self.grad else own

    def __str__(self) -> str:
        """` at w = 0.5, b = 2`; nothing where the point has many entries."""
        if self.size > SHOWN:
            return ""
        names = list(self.x) if isinstance(self.x, dict) else self.parameters
        values = [array if array.ndim else float(array) for array in self.arrays]
        return f" at {at_point(dict(zip(names, values, strict=True)))}"

    @property
    def size(self) -> int:
        return sum(array.size for array in self.arrays)

    def structure(self, arrays: list) -> Any:
        """Arrays in the structure of `x`; a number where `x` was one."""
        values = [float(a) if np.ndim(a) == 0 else a for a in arrays]
        if isinstance(self.x, dict):
            return dict(zip(self.x, values, strict=True))
        return tuple(values) if isinstance(self.x, tuple) else values[0]

    def arguments(self) -> tuple:
        """Fresh copies of the parameters, as `f` takes them."""
        if isinstance(self.x, np.ndarray) and self.x.ndim:  # the usual case, and the quickest
            return (self.arrays[0].copy(),)
        value = self.structure([a.copy() for a in self.arrays])
        return value if isinstance(self.x, tuple) else (value,)

    def nearby(self, random: np.random.Generator) -> Point:
        """A random point around this one, moved by about as much as its entries are large."""
        moved = [
            a + random.normal(size=a.shape) * (np.sqrt(np.mean(a * a)) if np.any(a) else 1.0)
            for a in self.arrays
        ]
        return Point(self.f, self.structure(moved), self.grad)

    # --- the function's values ---

    def evaluate(self) -> float:
        value = self.f(*self.arguments())
        if type(value) is float or type(value) is np.float64:  # the usual case, and the quickest
            return float(value)
        array = numbers(value, "fiub", name_of(self.f))
        if array.size != 1:
            raise Wrong(f"{name_of(self.f)} must return one number, not {describe(value)}")
        return float(array.reshape(()))

    def here(self) -> float:
        """The value at the point itself; an exception, or a change in place, becomes `Wrong`."""
        kept = Kept(self.f)
        try:
            value = self.evaluate()
        except Wrong:
            raise
        except Exception as error:
            raise Wrong(explain_exception(error, self.f, self.arguments())) from None
        change = kept.change()
        if change:
            raise Wrong(change)
        return value

    def line(self, part: int, i: int) -> Callable[[float], float]:
        """`f` as a function of how far entry `i` of parameter `part` is moved."""
        array = self.arrays[part]

        def along(step: float) -> float:
            kept = array.flat[i]
            array.flat[i] = kept + step
            try:
                return self.evaluate()
            finally:
                array.flat[i] = kept

        return along

    def along(self, part: int, direction: np.ndarray) -> Callable[[float], float]:
        """`f` as a function of how far parameter `part` is moved in a direction of its shape."""

        def along(step: float) -> float:
            kept = self.arrays[part]
            self.arrays[part] = kept + step * direction
            try:
                return self.evaluate()
            finally:
                self.arrays[part] = kept

        return along

    # --- a gradient that somebody wrote ---

    def gradients(self, grad: Callable, *, twice: bool = False) -> list[np.ndarray]:
        """`grad` at the point, one array a parameter; everything odd about it raises `Wrong`.

        What changes in place comes first. twice: call it a second time, and refuse another answer.
        """
        given, kept = self.arguments(), Kept(grad)
        result = call(grad, *given)
        change = kept.change()
        if result.error:
            raise Wrong(result.error)
        parts = self._split(result.value, grad)
        after = self._given(given)
        for i, (one, other) in enumerate(zip(self.arrays, after, strict=True)):
            if not np.array_equal(one, other):
                name = self._arguments(grad)[i]
                raise Wrong(changed(_changer(grad, name), name))
        if change:
            raise Wrong(change)
        for name, own, other in zip(self.names, parts, after, strict=True):
            if isinstance(other, np.ndarray) and np.shares_memory(own, other):
                text = "returned the very array that it was given, so that a change of one changes"
                raise Wrong(f"{_of(grad, name)} {text} the other: return a new array")
        if twice:
            for name, own, again in zip(self.names, parts, self.gradients(grad), strict=True):
                if not np.array_equal(own, again):
                    raise Wrong(two_answers(_of(grad, name)))
        return parts

    def _arguments(self, grad: Callable) -> list[str]:
        """The names of the parameters, as `grad` calls them."""
        if isinstance(self.x, dict):
            return [str(key) for key in self.x]
        names = parameters_of(grad, len(self.arrays))
        return self.parameters if names and " " in names[0] else names

    def _given(self, arguments: tuple) -> list:
        return self.parts(arguments if isinstance(self.x, tuple) else arguments[0])

    def _split(self, value: Any, grad: Callable) -> list[np.ndarray]:
        who, value = name_of(grad), as_plain(value)
        if value is None:
            raise Wrong(returned_none(who))
        if isinstance(self.x, dict):
            if type(value) is not dict:
                keys = f"a dict with the keys {list(self.x)}"
                raise Wrong(f"{who} must return {keys}; it returned {kind_of(value)}")
            missing = [key for key in self.x if key not in value]
            if missing:
                raise Wrong(f"{who} returned no gradient for {missing[0]!r}")
            values = [value[key] for key in self.x]
        elif isinstance(self.x, tuple):
            if type(value) not in (tuple, list) or len(value) != len(self.x):
                due = f"{len(self.x)} gradients: for {join(self.names)}"
                raise Wrong(f"{who} must return {due}; it returned {kind_of(value)}")
            values = list(value)
        else:
            values = [value]
        named = zip(values, self.arrays, self.names, strict=True)
        return [_gradient(v, a, _of(grad, n)) for v, a, n in named]


def _changer(grad: Callable, name: str) -> str:
    """Who changed what a check's own lambda hands on: what it hands it to."""
    taker = taker_of(grad, name) if getattr(grad, "__name__", "") == LAMBDA else None
    return taker or name_of(grad)


def _of(grad: Callable, part: str = "") -> str:
    return name_of(grad) + (f", for {part}," if part else "")


def _as_floats(value: Any, name: str) -> np.ndarray:
    array = np.array(value, dtype=float)  # a copy, so that integers and read-only arrays will do
    if not np.isfinite(array).all():
        raise ValueError(f"the point {name} holds nan or inf: {describe(value)}")
    return array


def _gradient(value: Any, array: np.ndarray, who: str) -> np.ndarray:
    """One parameter's gradient: real, finite and in the parameter's shape, or `Wrong`."""
    got = numbers(value, who=who)
    if got.shape != array.shape:
        hint = transpose_fits(got.shape, array.shape)
        raise Wrong(f"{who} has shape {got.shape}, the parameter has {array.shape}{hint}")
    if not np.isfinite(got).all():
        bad = index(np.argwhere(~np.isfinite(got))[0])
        word = "nan" if np.isnan(got).any() else "inf"
        raise Wrong(f"{who} holds {word} at entry {bad}" if bad else f"{who} is {word}")
    return got
