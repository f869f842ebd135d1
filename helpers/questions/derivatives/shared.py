"""What several exercises of this lesson are asked on."""

from __future__ import annotations

from typing import Any

import numpy as np

from helpers.checks import describe


def curve(rng, bend=None):
    """A random smooth curve and its derivative. bend: how much x² counts, if not by chance."""
    a, b, c = rng.normal(size=3)
    return _wave(a, b if bend is None else bend, c, 0.0)[:2]


def slope_and_bend(a, bend, bottom=0.0):
    """The first and the second derivative of a·sin x + bend·(x − bottom)² / 2."""
    return _wave(a, bend / 2, 0.0, bottom)[1:]


def parabola(bottom, bend):
    """The derivative of bend·(x − bottom)² / 2. A rate above 2 / bend leads ever further away."""
    return _wave(0.0, bend / 2, 0.0, bottom)[1]


def _wave(a, b, c, bottom):
    """a·sin x + b·(x − bottom)² + c, and its derivatives. No two differ but in these numbers."""
    a, b, c, bottom = map(np.float64, (a, b, c, bottom))

    def f(x):
        return a * np.sin(x) + b * (x - bottom) ** 2 + c

    def derivative(x):
        with np.errstate(all="ignore"):  # far out it is inf, or nan
            return a * np.cos(x) + 2 * b * (x - bottom)

    def second_derivative(x):
        return -a * np.sin(x) + 2 * b

    return f, derivative, second_derivative


def elsewhere(seen: list, *places: float) -> str | None:
    """Where a function was asked for that is none of these places, each a number; None if nowhere.

    With all digits, as a place may lie very near to one of these.
    """
    odd = [x for x in seen if np.ndim(x) or x not in places]
    return ", ".join(map(_place, odd[:3])) or None


def _place(x: Any) -> str:
    return f"{describe(x)}, which is an array and no number" if np.ndim(x) else f"{x!r}"
