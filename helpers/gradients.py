"""Gradient checks: is the gradient that you derived the gradient of the function?

`numerical_gradient` takes central differences. The checks hold yours against a numerical one that
knows its own error (`helpers._slopes`), so the tolerance is no magic constant: a difference counts
only where it is well above what the numbers can resolve. Where they resolve nothing, as at a kink,
the answer is neither right nor wrong but inconclusive.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from helpers._agreement import (
    Disagreement,
    Tally,
    along_directions,
    entry_by_entry,
    slope_and_tolerance,
)
from helpers._code import taker_of
from helpers._describing import (
    describe,
    describe_call,
    join,
    name_of,
    parameters_of,
    told_apart,
)
from helpers._findings import Wrong, changed, numbers, same
from helpers._kept import Kept
from helpers._points import Point
from helpers._reading import read_difference
from helpers._slopes import EPS
from helpers.checks import Given, Report, checked, explain_exception, in_time, settle

MANY = 1000
"""With more entries than this, random directions stand for them."""

DIRECTIONS = 3
"""Random directions for each parameter, where there are many entries."""

REDRAWS = 5
"""Further random points where something could not be judged at the ones before."""


# --- Numerical gradient -------------------------------------------------------------------------


def numerical_gradient(f: Callable, x: Any) -> Any:
    """The gradient of `f` at `x` by central differences, entry by entry, each with its own step.

    x: a number, an array of any shape, a tuple of arrays (`f(*x)`) or a dict of arrays (`f(x)`).
    The step is ε^(1/3) times the size of the entry (at least 1), near the best one. (With a step
    that is given, and the same for all entries, it is an exercise of lesson 2.)
    Returns floats in the structure of `x`, which is left as it was.
    """
    try:
        point = Point(f, x)
        return point.structure(
            [
                np.reshape([_central(point, part, i) for i in range(array.size)], array.shape)
                for part, array in enumerate(point.arrays)
            ]
        )
    except Wrong as wrong:
        raise ValueError(str(wrong)) from None


def _central(point: Point, part: int, i: int) -> float:
    step = EPS ** (1 / 3) * max(1.0, abs(point.arrays[part].flat[i]))
    line = point.line(part, i)
    with np.errstate(all="ignore"):
        return (line(step) - line(-step)) / (2 * step)


def both_in_time(check: Callable[Given, Report]) -> Callable[Given, Report]:
    """The check, which ends also where one of the two functions that it compares does not."""
    return in_time(
        check, lambda f, more: join([name_of(f), *map(name_of, filter(callable, more[:1]))])
    )


# --- Checks -------------------------------------------------------------------------------------


@both_in_time
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
    tally = Tally()
    for x in points:
        try:
            yours, slope, tolerance = _slope_at(f, derivative, x, name, rtol)
        except Wrong as wrong:
            return settle(Report(False, str(wrong)))
        if not np.isfinite(tolerance):
            continue
        if not abs(yours - slope) <= tolerance:
            own, measured = told_apart(yours, slope, 8)
            text = (
                f"{_at(derivative, x, name)} is {own}, but the slope measured there is {measured}."
            )
            reading = read_difference(np.array([yours]), np.array([slope]), np.array([True]))
            return settle(Report(False, " ".join([text, *reading])))
        tally.count(abs(yours - slope), tolerance, max(abs(slope), abs(yours)))
    if not tally.judged:
        text = f"{name_of(f)} is not finite, or has a kink, at every point looked at: try others"
        return Report(False, text, conclusive=False)
    points_ = "1 point" if tally.judged == 1 else f"{tally.judged} points"
    who = name or name_of(derivative)
    return Report(True, f"{who} agrees with the slopes measured at {points_}; {tally}")


def _slope_at(
    f: Callable, derivative: Callable, x: float, name: str, rtol: float
) -> tuple[float, float, float]:
    """The derivative's value at x, the slope measured there, and how far apart they may be."""
    result = checked(derivative, x)
    if result.error:
        raise Wrong(result.error)
    yours = _number(result.value, _at(derivative, x, name))
    try:
        with np.errstate(all="ignore"):
            along = _along(f, x)
            return yours, *slope_and_tolerance(along, max(1.0, abs(x)), yours, rtol)
    except Wrong:
        raise
    except Exception as error:
        raise Wrong(explain_exception(error, f, (x,))) from None


def _at(derivative: Callable, x: float, name: str) -> str:
    return f"{name} at {x:g}" if name else describe_call(derivative, (x,))


def _along(f: Callable, x: float) -> Callable[[float], float]:
    return lambda step: _number(f(x + step), describe_call(f, (x + step,)))


def _number(value: Any, who: str) -> float:
    array = numbers(value, who=who)
    if array.shape != ():
        raise Wrong(f"{who} must be one real number, not {describe(value)}")
    if not np.isfinite(array):
        raise Wrong(f"{who} is {float(array)}")
    return float(array)


@both_in_time
def check_gradient(
    f: Callable,
    grad: Callable | Any,
    x: Any,
    *,
    points: int = 3,
    rtol: float = 1e-6,
    directions: int | None = None,
    rng: int | np.random.Generator = 0,
) -> Report:
    """Is `grad` the gradient of `f` at `x` and at random points around it?

    f: takes `x` and returns a number. If `x` is a tuple, both are called as `f(*x)`, and the
    gradient is a tuple; if it is a dict, both take it and the gradient is a dict.
    grad: returns the gradient in the shape of `x`; or an array, and then only `x` is checked.
    rtol: a relative difference up to this one is rounding, whatever the numbers could resolve.
    directions: how many random directions to try for each parameter, in place of every entry; by
    default none up to 1000 entries in all, and 3 beyond. A wrong entry is then found by halving.
    The report is right, wrong or inconclusive; where it is wrong, a notebook shows why.
    """
    fixed = not callable(grad)
    yours = _given(grad) if fixed else grad
    random = np.random.default_rng(rng)
    pairs = [(f, yours)] * (1 if fixed else points)
    return _check(pairs, x, rtol, directions, random, redraws=0 if fixed else REDRAWS)


def _given(gradient: Any) -> Callable:
    def the_gradient_given(*args: Any) -> Any:
        return gradient

    the_gradient_given.__name__ = "the gradient given"
    return the_gradient_given


@both_in_time
def check_vjp(
    f: Callable,
    vjp: Callable,
    x: Any,
    *,
    points: int = 3,
    rtol: float = 1e-6,
    directions: int | None = None,
    rng: int | np.random.Generator = 0,
) -> Report:
    """Is `vjp` the vector-Jacobian product of `f`, whose value is an array?

    f: takes `x` (or `*x`, where `x` is a tuple) and returns an array of any shape.
    vjp: takes an upstream gradient in the shape of that array and then `x` (or `*x`), and returns
    the gradient of Σ upstream · f(x) in the structure of `x`.
    The upstream gradients are random: with ones, a missing factor or sum can go unseen.
    """
    random = np.random.default_rng(rng)
    result = checked(f, *Point(f, x).arguments())
    if result.error:
        return settle(Report(False, result.error))
    try:
        shape = numbers(result.value, who=name_of(f)).shape
    except Wrong as wrong:
        return settle(Report(False, str(wrong)))
    pairs = [_contracted(f, vjp, random.normal(size=shape)) for _ in range(points)]
    return _check(pairs, x, rtol, directions, random, REDRAWS, whole="does not fit")


def _contracted(f: Callable, vjp: Callable, upstream: np.ndarray) -> tuple[Callable, Callable]:
    """The number Σ upstream · f, and its gradient as `vjp` has it."""

    def loss(*args: Any) -> float:
        value = numbers(f(*args), who=name_of(f))
        if value.shape != upstream.shape:
            raise Wrong(f"{name_of(f)} returned shape {value.shape}, and {upstream.shape} before")
        return float(np.sum(upstream * value))

    def gradient(*args: Any) -> Any:
        given, kept = (upstream.copy(), *args), Kept(vjp)
        before = copy.deepcopy(given)
        value = vjp(*given)
        change = kept.change()
        for i, (one, other) in enumerate(zip(before, given, strict=True)):
            if not same(one, other):
                name = parameters_of(vjp, len(given))[i]
                raise Wrong(changed(taker_of(vjp, name) or name_of(vjp), name, given=True))
        if change:
            raise Wrong(change)
        return value

    loss.__name__, gradient.__name__ = name_of(f), name_of(vjp)
    loss.__wrapped__ = f  # type: ignore[attr-defined]  # so that parameters keep their names
    return loss, gradient


def _check(
    pairs: list[tuple[Callable, Callable]],
    x: Any,
    rtol: float,
    directions: int | None,
    random: np.random.Generator,
    redraws: int,
    whole: str = "is not the gradient of",
) -> Report:
    """Hold each pair of a function and a gradient against each other, at `x` and around it.

    whole: what is said of a gradient and its function where they disagree.
    """
    tally, done = Tally(), 0
    try:
        start = here = Point(pairs[0][0], x, pairs[0][1])
        many = directions or (DIRECTIONS if start.size > MANY else 0)
        lacking = [np.ones(a.shape, dtype=bool) for a in start.arrays]  # never judged
        wanting = lacking  # judged at most where the gradient is 0, as any multiple of it is
        for k in range(len(pairs) + redraws):
            if k >= len(pairs) and not any(mask.any() for mask in wanting):
                break
            f, grad = pairs[k % len(pairs)]
            here = Point(f, x, grad)
            here = here.nearby(random) if k else here
            with np.errstate(all="ignore"):
                value = here.here()
                if not np.isfinite(value):
                    continue
                gradients = here.gradients(grad, twice=k == 0)
                if many:
                    judged = along_directions(here, gradients, many, rtol, random, tally)
                else:
                    again = wanting if k >= len(pairs) else None
                    judged = entry_by_entry(here, gradients, value, rtol, tally, only=again)
            lacking = [mask & ~seen for mask, seen in zip(lacking, judged, strict=True)]
            telling = [seen & bool(np.any(g)) for seen, g in zip(judged, gradients, strict=True)]
            wanting = [mask & ~seen for mask, seen in zip(wanting, telling, strict=True)]
            done += 1
    except Disagreement as wrong:
        said = f"{name_of(grad)} {whole} {name_of(f)}{here}:\n{wrong}"
        return settle(Report(False, said.replace("\n", "\n  ")))
    except Wrong as wrong:
        return settle(Report(False, str(wrong)))
    except Exception as error:  # of the function, beside the point
        return settle(Report(False, explain_exception(error, f, here.arguments())))
    return _report(start, pairs[0], tally, lacking, done, many)


def _report(
    start: Point,
    pair: tuple[Callable, Callable],
    tally: Tally,
    lacking: list,
    done: int,
    directions: int,
) -> Report:
    f, grad = pair
    if start.size == 0:
        return Report(True, "there is nothing to check: the parameters have no entries")
    if not done:
        return Report(False, f"{name_of(f)} is not finite where it was looked at", conclusive=False)
    missing = int(sum(mask.sum() for mask in lacking))
    if missing:
        name, first = next(
            (n, np.argwhere(m)[0]) for n, m in zip(start.names, lacking, strict=True) if m.any()
        )
        at = f"[{', '.join(str(int(i)) for i in first)}]" if first.size else "the point"
        text = f"{missing} of {start.size} entries could not be judged ({name}{at} first): "
        text += f"{name_of(f)} has a kink there, or is too rough; check at another point"
        return Report(False, text, conclusive=False)
    what = name_of(grad)
    times = "1 point" if done == 1 else f"{done} points"
    count = "1 entry" if start.size == 1 else f"{start.size} entries"
    if directions:
        count += f", along {directions} random directions for each parameter"
    return Report(True, f"{what} agrees with the numerical gradient at {times} ({count}); {tally}")
