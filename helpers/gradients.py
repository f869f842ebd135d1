"""Gradient checks: is the gradient that you derived the gradient of the function?

`numerical_gradient` is the textbook formula. `check_gradient` and `check_derivative` hold yours
against a numerical one that knows its own error (`helpers._slopes`), so the tolerance is not a
magic constant: a difference counts only where it is well above what the numbers can resolve.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers._reading import index, join, read_difference
from helpers._slopes import EPS, Slope, careful_slope, quick_slope
from helpers.checks import Report, call, describe, name_of, settle

SAFETY = 20
"""A difference counts as wrong above this many times the estimated numerical error."""

ROUNDING = 1e-14
"""A gradient made of numbers of order 1, such as σ (1 − σ), cannot resolve less."""

REDRAWS = 5
"""Further random points where none so far could be judged."""


class _Wrong(Exception):
    """What a check found, in words."""


# --- Numerical gradient -------------------------------------------------------------------------


def numerical_gradient(f: Callable, x: Any, *, h: float | None = None) -> Any:
    """The gradient of `f` at `x` by central differences, (f(x + h) − f(x − h)) / 2h entry by entry.

    x: a number, an array of any shape, a tuple of arrays (`f(*x)`) or a dict of arrays (`f(x)`).
    h: the step; by default ε^(1/3) times the size of the entry (at least 1), near the best one.
    Returns floats in the structure of `x`, which is left as it was.
    """
    point = _Point(f, x)
    return point.structure(
        [
            np.reshape([_central(point, part, i, h) for i in range(array.size)], array.shape)
            for part, array in enumerate(point.arrays)
        ]
    )


def _central(point: _Point, part: int, i: int, h: float | None) -> float:
    size = max(1.0, abs(point.arrays[part].flat[i]))
    step = h if h is not None else EPS ** (1 / 3) * size
    line = point.line(part, i)
    return (line(step) - line(-step)) / (2 * step)


@dataclass
class _Point:
    """`f` at a point whose parameters are a list of float arrays, whatever structure it came in."""

    f: Callable
    x: Any

    def __post_init__(self) -> None:
        parts = self._parts(self.x)
        self.arrays = [_as_floats(part, name) for part, name in zip(parts, self.names, strict=True)]

    @staticmethod
    def _parts(x: Any) -> list:
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
        return (
            named
            if len(named) == len(self.x)
            else [f"argument {i + 1}" for i in range(len(self.x))]
        )

    def structure(self, arrays: list) -> Any:
        """Arrays in the structure of `x`; a number where `x` was one."""
        values = [float(a) if np.ndim(a) == 0 else a for a in arrays]
        if isinstance(self.x, dict):
            return dict(zip(self.x, values, strict=True))
        return tuple(values) if isinstance(self.x, tuple) else values[0]

    def arguments(self) -> tuple:
        """Fresh copies of the parameters, as `f` takes them."""
        value = self.structure([a.copy() for a in self.arrays])
        return value if isinstance(self.x, tuple) else (value,)

    def evaluate(self) -> float:
        value = self.f(*self.arguments())
        if np.size(value) != 1 or np.asarray(value).dtype.kind not in "fiub":
            raise _Wrong(f"{name_of(self.f)} must return one number, not {describe(value)}")
        return float(np.asarray(value).reshape(()))

    def line(self, part: int, i: int) -> Callable[[float], float]:
        """`f` as a function of how far entry `i` of parameter `part` is moved."""
        array = self.arrays[part]

        def along(step: float) -> float:
            kept = array.flat[i]
            array.flat[i] = kept + step
            try:
                with np.errstate(all="ignore"):
                    return self.evaluate()
            finally:
                array.flat[i] = kept

        return along


def _as_floats(value: Any, name: str) -> np.ndarray:
    array = np.array(value, dtype=float)  # a copy, so that integers and read-only arrays will do
    if not np.isfinite(array).all():
        raise ValueError(f"the point {name} holds nan or inf: {describe(value)}")
    return array


# --- Checks -------------------------------------------------------------------------------------


def check_derivative(
    f: Callable,
    derivative: Callable,
    at: Iterable[float],
    *,
    name: str = "",
    rtol: float = 1e-6,
) -> Report:
    """Is `derivative` the derivative of `f`, a function of one number, at each of these points?

    Both are called with Python floats, point by point. `name` is what the report calls it.
    """
    points = [float(x) for x in at]
    largest = 0.0
    for x in points:
        result = call(derivative, x)
        if result.error:
            return settle(Report(False, result.error))
        where = f"{name} at {x:g}" if name else f"{name_of(derivative)}({x:g})"
        try:
            yours = _number(result.value, where)
            slope = _slope(_along(f, x), x, yours, rtol)
        except NotImplementedError:
            return settle(Report(False, f"{name_of(f)} is not implemented yet"))
        except _Wrong as wrong:
            return settle(Report(False, str(wrong)))
        if slope.kink:
            continue
        if not abs(yours - slope.value) <= _tolerance(slope, yours, rtol):
            text = f"{where} is {yours:.8g}, but the slope measured there is {slope.value:.8g}."
            reading = read_difference(np.array([yours]), np.array([slope.value]), np.array([True]))
            return settle(Report(False, " ".join([text, *reading])))
        size = max(abs(slope.value), abs(yours))
        largest = max(largest, abs(yours - slope.value) / size if size else 0.0)
    who = name or name_of(derivative)
    who = "the derivative" if who == "the function" else who
    text = f"{who} agrees with the slopes measured at {len(points)} points"
    return Report(True, f"{text}; largest relative difference {largest:.0e}")


def check_gradient(
    f: Callable,
    grad: Callable | Any,
    x: Any,
    *,
    points: int = 3,
    rtol: float = 1e-6,
    rng: int | np.random.Generator = 0,
) -> Report:
    """Is `grad` the gradient of `f` at `x` and at random points around it?

    f: takes `x` and returns a number. If `x` is a tuple, both are called as `f(*x)`, and the
    gradient is a tuple; if it is a dict, both take it and the gradient is a dict.
    grad: returns the gradient in the shape of `x`; or an array, and then only `x` is checked.
    """
    random = np.random.default_rng(rng)
    fixed = not callable(grad)
    yours = (lambda *args: grad) if fixed else grad
    try:
        point = _Point(f, x)
        worst, entries, conclusive = 0.0, 0, 0
        for k in range(1 if fixed else points + REDRAWS):
            if k >= points and conclusive:
                break
            here = point if k == 0 else _nearby(point, random)
            found, seen, judged = _check_point(here, yours, rtol)
            worst, entries, conclusive = max(worst, found), seen, conclusive + judged
        if conclusive == 0 and entries:
            text = "is not finite, or has a kink, wherever it was looked at: check at another point"
            raise _Wrong(f"{name_of(f)} {text}")
    except _Wrong as wrong:
        return settle(Report(False, str(wrong)))
    what = "the gradient" if fixed else name_of(yours)
    what = "the gradient" if what == "the function" else what
    times = "1 point" if fixed or points == 1 else f"{points} points"
    count = "1 entry" if entries == 1 else f"{entries} entries"
    text = f"{what} agrees with the numerical gradient at {times} ({count})"
    return Report(True, f"{text}; largest relative difference {worst:.0e}")


def _nearby(point: _Point, random: np.random.Generator) -> _Point:
    """A random point around this one, moved by about as much as its entries are large."""
    moved = [
        a + random.normal(size=a.shape) * (np.sqrt(np.mean(a * a)) if np.any(a) else 1.0)
        for a in point.arrays
    ]
    return _Point(point.f, point.structure(moved))


def _check_point(point: _Point, grad: Callable, rtol: float) -> tuple[float, int, int]:
    """The largest relative difference, the entries and the conclusive ones; or `_Wrong`."""
    gradients = _gradients(point, grad)
    result = call(point.evaluate)
    if result.error:
        raise _Wrong(result.error.replace("evaluate()", f"{name_of(point.f)}(…)"))
    messages, right, largest, conclusive = [], [], 0.0, 0
    for part, (name, yours) in enumerate(zip(point.names, gradients, strict=True)):
        wrong = np.zeros(yours.shape, dtype=bool)
        numerical = np.zeros(yours.shape)
        for i in range(yours.size):
            at = point.arrays[part].flat[i]
            slope = _slope(point.line(part, i), at, yours.flat[i], rtol)
            numerical.flat[i] = slope.value
            if slope.kink or not np.isfinite(slope.error):
                numerical.flat[i] = yours.flat[i]
                continue
            conclusive += 1
            difference = abs(yours.flat[i] - slope.value)
            wrong.flat[i] = not difference <= _tolerance(slope, yours.flat[i], rtol)
            size = max(abs(slope.value), abs(yours.flat[i]))
            largest = max(largest, difference / size if size and difference else 0.0)
        if wrong.any():
            messages.append(_describe_wrong(name, yours, numerical, wrong))
        elif name:
            right.append(name)
    if messages:
        tail = [f"The gradient of {join(right)} is right."] if right else []
        raise _Wrong("\n".join(messages + tail))
    return largest, sum(g.size for g in gradients), conclusive


def _describe_wrong(name: str, yours: np.ndarray, numerical: np.ndarray, wrong: np.ndarray) -> str:
    error = np.where(wrong, np.abs(yours - numerical), -1.0)
    worst = np.unravel_index(int(np.nanargmax(error)), yours.shape)
    of = f" of {name}" if name else ""
    where = f", most at entry {index(map(int, worst))}" if yours.ndim else ""
    text = f"The gradient{of} disagrees with the numerical one{where}: "
    text += f"yours is {yours[worst]:.8g}, the numerical one {numerical[worst]:.8g}."
    return " ".join([text, *read_difference(yours, numerical, wrong)])


def _gradients(point: _Point, grad: Callable) -> list[np.ndarray]:
    """Your gradient at the point, one float array a parameter; everything odd about it is named."""
    arguments = point.arguments()
    given = copy.deepcopy(arguments)
    result, again = call(grad, *given), call(grad, *copy.deepcopy(arguments))
    if result.error or again.error:
        raise _Wrong(result.error or again.error or "")
    for name, before, after in zip(
        point.names,
        _Point._parts(point.structure(point.arrays)),
        _Point._parts(_whole(given, point)),
        strict=True,
    ):
        if not np.array_equal(before, after):
            raise _Wrong(
                f"{name_of(grad)} changed its argument{name and ' ' + name}: work on a copy"
            )
    parts = _split(result.value, point, grad)
    for name, one, other in zip(point.names, parts, _split(again.value, point, grad), strict=True):
        if not np.array_equal(one, other):
            text = f"{name_of(grad)} gave two different answers to two equal calls {name}"
            raise _Wrong(text.strip())
    return parts


def _whole(arguments: tuple, point: _Point) -> Any:
    return arguments if isinstance(point.x, tuple) else arguments[0]


def _split(value: Any, point: _Point, grad: Callable) -> list[np.ndarray]:
    who = name_of(grad)
    who = "the gradient" if who == "the function" else who
    if value is None:
        raise _Wrong(f"{who} returned None: does it end in a `return`?")
    if isinstance(point.x, dict):
        if not isinstance(value, dict):
            raise _Wrong(f"{who} must return a dict with the keys {list(point.x)}")
        missing = [key for key in point.x if key not in value]
        if missing:
            raise _Wrong(f"{who} returned no gradient for {missing[0]!r}")
        values = [value[key] for key in point.x]
    elif isinstance(point.x, tuple):
        if not isinstance(value, tuple | list) or len(value) != len(point.x):
            raise _Wrong(f"{who} must return {len(point.x)} gradients: for {join(point.names)}")
        values = list(value)
    else:
        values = [value]
    return [
        _part(v, a, f"{who}, for {n}" if n else who)
        for v, a, n in zip(values, point.arrays, point.names, strict=True)
    ]


def _part(value: Any, array: np.ndarray, who: str) -> np.ndarray:
    got = np.asarray(value)
    if value is None or got.dtype.kind not in "fiu":
        raise _Wrong(f"{who} must hold real numbers, not {describe(value)}")
    if got.shape != array.shape:
        hint = " (the transpose has it)" if got.T.shape == array.shape else ""
        raise _Wrong(f"{who} has shape {got.shape}, the parameter has {array.shape}{hint}")
    if not np.isfinite(got).all():
        bad = index(np.argwhere(~np.isfinite(got))[0])
        raise _Wrong(
            f"{who} holds {'nan' if np.isnan(got).any() else 'inf'} at entry {bad}".rstrip()
        )
    return got.astype(float)


def _along(f: Callable, x: float) -> Callable[[float], float]:
    return lambda step: _number(f(x + step), f"{name_of(f)}({x + step:g})")


def _number(value: Any, who: str) -> float:
    if value is None:
        raise _Wrong(f"{who} returned None: does it end in a `return`?")
    array = np.asarray(value)
    if array.shape != () or array.dtype.kind not in "fiu":
        raise _Wrong(f"{who} must be one real number, not {describe(value)}")
    if not np.isfinite(array):
        raise _Wrong(f"{who} is {float(array)}")
    return float(array)


def _slope(line: Callable[[float], float], x: float, yours: float, rtol: float) -> Slope:
    """The slope at 0 of `line`: quickly; with care where that one disagrees with yours."""
    scale = max(1.0, abs(x))
    with np.errstate(all="ignore"):
        quick = quick_slope(line, scale)
        sure = quick.error <= rtol * max(abs(quick.value), abs(yours))
        if sure and abs(yours - quick.value) <= _tolerance(quick, yours, rtol):
            return quick
        return careful_slope(line, scale)


def _tolerance(slope: Slope, yours: float, rtol: float) -> float:
    size = max(abs(slope.value), abs(yours))
    return max(rtol * size, SAFETY * slope.error, 1e-12 * slope.steepest, ROUNDING)
