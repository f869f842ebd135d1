"""What several exercises of this lesson are asked on."""

from __future__ import annotations

import numpy as np


def curve(rng):
    """A random smooth curve and its derivative."""
    a, b, c = rng.normal(size=3)

    def f(x):
        return a * np.sin(x) + b * x**2 + c

    return f, _derivative(a, b, 0.0)


def parabola(bottom, bend):
    """The derivative of bend·(x − bottom)² / 2. A rate above 2 / bend leads ever further away."""
    return _derivative(0.0, bend / 2, bottom)


def _derivative(a, b, bottom):
    """Of a·sin(x) + b·(x − bottom)²: one code for all, which shows nothing of which it is."""

    def derivative(x):
        return a * np.cos(x) + 2 * b * (x - bottom)

    return derivative
