"""The slope of a function of one number, with an estimate of its own numerical error.

A central difference (f(t) − f(−t)) / 2t is off by about t² f‴/6, because f is no parabola, and by
about ε|f|/t, because f is rounded (ε = 2⁻⁵²). Two steps, t and t/4, cancel the first term
(Richardson's extrapolation); how far the results for different t lie apart says how large the
error is (Ridders, 1982). Both are blind to a kink: the central difference of |t| is 0 for every t.
There the slopes to the left and to the right stay apart however small the step, and that shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Slope:
    """A numerical slope at 0 and what is known about it.

    error: the estimated size of its error (inf where the function could not be followed).
    steepest: the largest slope met on the way; a hand-made derivative is rounded against that one.
    kink: the function has a corner here, so that it has no slope.
    """

    value: float
    error: float
    steepest: float = 0.0
    kink: bool = False


def quick_slope(line: Callable[[float], float], scale: float) -> Slope:
    """The slope of `line` at 0 from four values: enough for most functions.

    scale: the size of the numbers that `line` adds its argument to, at least 1.
    """
    wide, narrow = scale * 2.0**-12, scale * 2.0**-14
    right, left = line(wide), line(-wide)
    coarse, fine = (right - left) / (2 * wide), (line(narrow) - line(-narrow)) / (2 * narrow)
    value = (16 * fine - coarse) / 15
    size = max(abs(right), abs(left))
    error = abs(fine - coarse) / 15 + EPS * (size + scale * abs(value)) / narrow
    return Slope(value, error if math.isfinite(error) else math.inf)


def careful_slope(
    line: Callable[[float], float], scale: float, elsewhere: Sequence[float] = ()
) -> Slope:
    """The slope of `line` at 0 from twelve steps, of which the best is taken.

    elsewhere: further arguments at which to look how steep the line gets.
    """
    here = line(0.0)
    steps = scale * 4.0 ** -np.arange(2, 14)
    right = np.array([line(t) for t in steps])
    left = np.array([line(-t) for t in steps])

    # Where the function ends, so do the steps: keep the smaller ones.
    outside = np.flatnonzero(~np.isfinite(right + left))
    first = outside[-1] + 1 if outside.size else 0
    steps, right, left = steps[first:], right[first:], left[first:]
    if steps.size < 4:
        return Slope(np.nan, np.inf)

    central = (right - left) / (2 * steps)
    size = np.maximum(np.maximum(abs(right), abs(left)), _noise(line, here, scale) / EPS)
    noise = (EPS * size + EPS * scale * abs(central)) / steps
    value = (16 * central[1:] - central[:-1]) / 15
    noise_of_value = 1.2 * noise[1:]
    error = noise_of_value + _disagreement(value, noise_of_value)
    best = int(np.argmin(error))

    far = np.array([(line(t) - here) / t for t in elsewhere if t])
    near = np.concatenate([right - here, left - here]) / np.tile(steps, 2)
    slopes = abs(np.concatenate([far[np.isfinite(far)], near]))
    kink = _has_kink((right + left - 2 * here) / steps, noise)
    return Slope(float(value[best]), float(error[best]), float(slopes.max()), kink)


def _noise(line: Callable[[float], float], here: float, scale: float) -> float:
    """How far the computed values scatter about a smooth curve: from third differences."""
    close = scale * 2.0**-24
    values = [here if i == 0 else line(i * close) for i in range(-3, 4)]
    scatter = np.abs(np.diff(values, n=3)).max() / np.sqrt(20)  # √(1² + 3² + 3² + 1²)
    return float(scatter) if np.isfinite(scatter) else 0.0


def _disagreement(value: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """How far each value lies from those of the next three smaller steps, beyond their noise."""
    apart = np.zeros(value.size)
    for ahead in (1, 2, 3):
        distance = abs(value[:-ahead] - value[ahead:])
        allowed = 0.0 if ahead == 1 else 3 * noise[ahead:]
        apart[:-ahead] = np.maximum(apart[:-ahead], distance - allowed)
    apart[-1] = np.inf  # nothing to compare the last one with
    return apart


def _has_kink(jump: np.ndarray, noise: np.ndarray) -> bool:
    """Do the right and the left slope stay apart? `jump` is their difference, large steps first.

    Where the function is smooth it falls with the step, to a quarter each time.
    """
    visible = np.flatnonzero(abs(jump) > 20 * noise)
    if not visible.size or visible[-1] == 0:
        return False
    last = visible[-1]
    return bool(abs(jump[last]) > 0.6 * abs(jump[last - 1]))
