"""A loss and its gradient at a point: parameters of any structure as a list of float arrays."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers._reading import index, join
from helpers.checks import call, describe, explain_exception, name_of


class Wrong(Exception):
    """What a check found, in words."""


@dataclass
class Point:
    """`f` at `x`: a number, an array, a tuple of arrays (`f(*x)`) or a dict of arrays (`f(x)`)."""

    f: Callable
    x: Any

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
        try:
            named = list(inspect.signature(self.f).parameters)
        except (TypeError, ValueError):
            named = []
        count = len(self.x)
        return named if len(named) == count else [f"argument {i + 1}" for i in range(count)]

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
        return Point(self.f, self.structure(moved))

    # --- the function's values ---

    def evaluate(self) -> float:
        value = self.f(*self.arguments())
        if type(value) is float:
            return value
        if np.size(value) != 1 or np.asarray(value).dtype.kind not in "fiub":
            raise Wrong(f"{name_of(self.f)} must return one number, not {describe(value)}")
        return float(np.asarray(value).reshape(()))

    def here(self) -> float:
        """The value at the point itself; an exception becomes `Wrong`, in words."""
        try:
            return self.evaluate()
        except Wrong:
            raise
        except Exception as error:
            who = name_of(self.f)
            raise Wrong(
                explain_exception(error, self.f, ()).replace(f"{who}()", f"{who}(…)")
            ) from None

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

        twice: call it a second time, and refuse another answer than the first.
        """
        given = self.arguments()
        result = call(grad, *given)
        if result.error:
            raise Wrong(result.error)
        parts = self._split(result.value, grad)
        for name, before, after in zip(self.names, self.arrays, self._given(given), strict=True):
            if not np.array_equal(before, after):
                raise Wrong(f"{_of(grad, name)} changed its argument{_space(name)}: work on a copy")
        for name, own, after in zip(self.names, parts, self._given(given), strict=True):
            if isinstance(after, np.ndarray) and np.shares_memory(own, after):
                text = "returned the very array that it was given, so that a change of one changes"
                raise Wrong(f"{_of(grad, name)} {text} the other: return a new array")
        if twice:
            for name, one, other in zip(self.names, parts, self.gradients(grad), strict=True):
                if not np.array_equal(one, other):
                    raise Wrong(f"{_of(grad, name)} gave two different answers to two equal calls")
        return parts

    def _given(self, arguments: tuple) -> list:
        return self.parts(arguments if isinstance(self.x, tuple) else arguments[0])

    def _split(self, value: Any, grad: Callable) -> list[np.ndarray]:
        who = _of(grad)
        if value is None:
            raise Wrong(f"{who} returned None: does it end in a `return`?")
        if isinstance(self.x, dict):
            if not isinstance(value, dict):
                raise Wrong(f"{who} must return a dict with the keys {list(self.x)}")
            missing = [key for key in self.x if key not in value]
            if missing:
                raise Wrong(f"{who} returned no gradient for {missing[0]!r}")
            values = [value[key] for key in self.x]
        elif isinstance(self.x, tuple):
            if not isinstance(value, tuple | list) or len(value) != len(self.x):
                raise Wrong(f"{who} must return {len(self.x)} gradients: for {join(self.names)}")
            values = list(value)
        else:
            values = [value]
        named = zip(values, self.arrays, self.names, strict=True)
        return [_gradient(v, a, f"{who}, for {n}" if n else who) for v, a, n in named]


def _of(grad: Callable, part: str = "") -> str:
    who = name_of(grad)
    return ("the gradient" if who == "the function" else who) + (f", for {part}," if part else "")


def _space(name: str) -> str:
    return f" {name}" if name else ""


def _as_floats(value: Any, name: str) -> np.ndarray:
    array = np.array(value, dtype=float)  # a copy, so that integers and read-only arrays will do
    if not np.isfinite(array).all():
        raise ValueError(f"the point {name} holds nan or inf: {describe(value)}")
    return array


def _gradient(value: Any, array: np.ndarray, who: str) -> np.ndarray:
    """One parameter's gradient: real, finite and in the parameter's shape, or `Wrong`."""
    got = np.asarray(value)
    if value is None or got.dtype.kind not in "fiu":
        raise Wrong(f"{who} must hold real numbers, not {describe(value)}")
    if got.shape != array.shape:
        hint = " (the transpose has it)" if got.T.shape == array.shape else ""
        raise Wrong(f"{who} has shape {got.shape}, the parameter has {array.shape}{hint}")
    if not np.isfinite(got).all():
        bad = index(np.argwhere(~np.isfinite(got))[0])
        word = "nan" if np.isnan(got).any() else "inf"
        raise Wrong(f"{who} holds {word} at entry {bad}" if bad else f"{who} is {word}")
    return got
