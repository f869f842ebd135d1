"""Where a gradient agrees with measured slopes: entry by entry, or along random directions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers._describing import index, join, told_apart
from helpers._findings import Wrong
from helpers._points import Point
from helpers._reading import read_difference
from helpers._slopes import Slope, careful_slope, quick_slope

SAFETY = 20
"""A difference counts as wrong above this many times the estimated numerical error."""

ROUNDING = 1e-14
"""A gradient made of numbers of order 1, such as σ (1 − σ), cannot resolve less."""

TELLING = 0.05
"""A slope known to less than this share of the gradient's largest entry decides nothing."""

LOOKED_AT = 24
"""Entries that are looked at one by one, where directions have found a mistake."""


@dataclass
class Tally:
    """What has been judged so far: how far apart, and the smallest error that would have shown."""

    judged: int = 0
    worst: float = 0.0
    visible: float = 0.0

    def count(self, difference: float, tolerance: float, size: float) -> None:
        self.judged += 1
        if size:
            self.worst = max(self.worst, difference / size)
            self.visible = max(self.visible, tolerance / size)

    def __str__(self) -> str:
        seen = f"an error of {self.visible:.0e} would have shown" if self.visible else ""
        return f"largest relative difference {self.worst:.0e}" + (f", {seen}" if seen else "")


def slope_and_tolerance(
    line: Callable[[float], float], scale: float, yours: float, rtol: float, size: float = 0.0
) -> tuple[float, float]:
    """The slope at 0 of `line`, and how far `yours` may be from it: inf where that is unknown.

    Measured quickly; with care where that disagrees with yours. size: what counts as the size of
    the slope, if that is more than its own.
    """

    def allowed(slope: Slope) -> float:
        if slope.kink:
            return np.inf
        here = max(abs(slope.value), abs(yours), size)
        return max(rtol * here, SAFETY * slope.error, 1e-12 * slope.steepest, ROUNDING)

    quick = quick_slope(line, scale)
    sure = quick.error <= rtol * max(abs(quick.value), abs(yours), size)
    if sure and abs(yours - quick.value) <= allowed(quick):
        return quick.value, allowed(quick)
    slope = careful_slope(line, scale)
    return slope.value, allowed(slope)


def entry_by_entry(
    point: Point,
    gradients: list[np.ndarray],
    value: float,
    rtol: float,
    tally: Tally,
    only: list[np.ndarray] | None = None,
) -> list[np.ndarray]:
    """Which entries could be judged, a mask a parameter; `Wrong` names those that disagree.

    value: the function's at the point; slopes are rounded against it.
    """
    masks, messages, right = [], [], []
    for part, (name, given) in enumerate(zip(point.names, gradients, strict=True)):
        yours, fine = given.astype(float), _accuracy(given, rtol)
        numerical, tolerance = yours.copy(), np.full(yours.shape, np.inf)
        for i in range(yours.size):
            if only is not None and not only[part].flat[i]:
                continue
            scale = max(1.0, abs(point.arrays[part].flat[i]))
            measured = slope_and_tolerance(point.line(part, i), scale, yours.flat[i], fine)
            numerical.flat[i], tolerance.flat[i] = measured
        difference = abs(yours - numerical)
        wrong = (difference > tolerance) & np.isfinite(tolerance)
        largest = max(np.max(abs(numerical), initial=0.0), np.max(abs(yours), initial=0.0))
        telling = tolerance <= max(TELLING * largest, 1e-9 * (1 + abs(value)))
        if wrong.any():
            messages.append(_describe_wrong(name, yours, numerical, wrong))
        elif name:
            right.append(name)
        for i in map(int, np.flatnonzero(telling)):
            size = max(abs(yours.flat[i]), abs(numerical.flat[i]), 1e-3 * largest)
            tally.count(difference.flat[i], tolerance.flat[i], size)
        masks.append(telling)
    _refuse(messages, right)
    return masks


def _accuracy(gradient: np.ndarray, rtol: float) -> float:
    """The relative difference to allow: a float32 gradient has about seven digits."""
    if gradient.dtype.kind != "f":
        return rtol
    return max(rtol, 1000 * float(np.finfo(gradient.dtype).eps))


class Disagreement(Wrong):
    """The gradient is none of this function: which entries, and what they have in common."""


def _refuse(messages: list[str], right: list[str]) -> None:
    if messages:
        noun, verb = ("gradient", "is") if len(right) == 1 else ("gradients", "are")
        tail = [f"The {noun} of {join(right)} {verb} right."] if right else []
        raise Disagreement("\n".join(messages + tail))


def _describe_wrong(name: str, yours: np.ndarray, numerical: np.ndarray, wrong: np.ndarray) -> str:
    error = np.where(wrong, np.abs(yours - numerical), -1.0)
    worst = np.unravel_index(int(np.nanargmax(error)), yours.shape)
    of = f" of {name}" if name else ""
    where = f", most at entry {index(map(int, worst))}" if yours.ndim else ""
    text = f"The gradient{of} disagrees with the numerical one{where}: "
    own, measured = told_apart(yours[worst], numerical[worst], 8)
    text += f"yours is {own}, the numerical one {measured}."
    return " ".join([text, *read_difference(yours, numerical, wrong)])


# --- Random directions --------------------------------------------------------------------------


def along_directions(
    point: Point,
    gradients: list[np.ndarray],
    count: int,
    rtol: float,
    random: np.random.Generator,
    tally: Tally,
) -> list[np.ndarray]:
    """As `entry_by_entry`, from the slopes along `count` random directions of each parameter.

    The slope along a unit vector v is gradient · v. Signs of v are random, so that errors of
    opposite sign do not cancel in every direction.
    """
    masks, messages, right = [], [], []
    for part, (name, given) in enumerate(zip(point.names, gradients, strict=True)):
        yours, fine = given.astype(float), _accuracy(given, rtol)
        disagree = judged = False
        for _ in range(count):
            direction = random.normal(size=yours.shape)
            gap, tolerance, size = _gap(point, part, yours, direction, fine)
            if not tolerance <= max(size, ROUNDING):
                continue
            judged = True
            if abs(gap) > tolerance:
                disagree = True
                break
            tally.count(abs(gap), tolerance, size)
        if disagree:
            messages.append(_find_wrong(point, part, name, yours, fine, random))
        elif name:
            right.append(name)
        masks.append(np.full(yours.shape, judged or not yours.size))
    _refuse(messages, right)
    return masks


def _gap(
    point: Point, part: int, yours: np.ndarray, direction: np.ndarray, rtol: float
) -> tuple[float, float, float]:
    """yours · v − the slope along v, its tolerance, and a typical size of a slope, ‖yours‖ / √n."""
    length = float(np.linalg.norm(direction))
    if not length:
        return 0.0, 0.0, 0.0
    unit = direction / length
    expected = float(np.sum(yours * unit))
    size = float(np.linalg.norm(yours)) / math.sqrt(max(int(np.count_nonzero(direction)), 1))
    scale = max(1.0, float(np.linalg.norm(point.arrays[part])))
    line = point.along(part, unit)
    slope, tolerance = slope_and_tolerance(line, scale, expected, rtol, size)
    return expected - slope, tolerance, max(size, abs(slope))


def _find_wrong(
    point: Point,
    part: int,
    name: str,
    yours: np.ndarray,
    rtol: float,
    random: np.random.Generator,
) -> str:
    """A wrong entry by halving, and what it has in common with others."""
    inside = np.arange(yours.size)
    while inside.size > 1:
        halves = inside[: inside.size // 2], inside[inside.size // 2 :]
        first, second = (_wrongness(point, part, yours, half, rtol, random) for half in halves)
        inside = halves[0] if first >= second else halves[1]
    others = random.choice(yours.size, size=min(LOOKED_AT, yours.size), replace=False)
    looked = np.union1d(inside, others)
    own, numerical = yours.flat[looked], np.zeros(looked.size)
    wrong = np.zeros(looked.size, dtype=bool)
    for k, i in enumerate(looked):
        scale = max(1.0, abs(point.arrays[part].flat[i]))
        slope, tolerance = slope_and_tolerance(point.line(part, int(i)), scale, own[k], rtol)
        numerical[k] = slope if np.isfinite(tolerance) else own[k]
        wrong[k] = abs(own[k] - numerical[k]) > tolerance
    of = f" of {name}" if name else ""
    text = f"The gradient{of} disagrees with the numerical one along a random direction"
    if not wrong.any():
        return f"{text}; no single entry stands out. Check fewer parameters at a time."
    verb = "is" if wrong.sum() == 1 else "are"
    worst = int(np.argmax(np.where(wrong, abs(own - numerical), -1)))
    where = index(np.unravel_index(looked[worst], yours.shape))
    mine, measured = told_apart(own[worst], numerical[worst], 8)
    text += f", for example at entry {where}: yours is {mine}, the numerical one {measured}. "
    text += f"Of {looked.size} entries looked at, {wrong.sum()} {verb} wrong."
    return " ".join(
        [text, *read_difference(own[wrong], numerical[wrong], np.ones(wrong.sum(), bool))]
    )


def _wrongness(
    point: Point,
    part: int,
    yours: np.ndarray,
    inside: np.ndarray,
    rtol: float,
    random: np.random.Generator,
) -> float:
    direction = np.zeros(yours.shape)
    direction.flat[inside] = random.normal(size=inside.size)
    gap, tolerance, _ = _gap(point, part, yours, direction, rtol)
    return abs(gap) / tolerance if np.isfinite(tolerance) and tolerance else 0.0
