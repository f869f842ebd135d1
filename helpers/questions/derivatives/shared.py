"""What several exercises of this lesson are asked on."""

from __future__ import annotations

import numpy as np


def curve(rng, bend=None):
    """A random smooth curve and its derivative. bend: how much x² counts, if not by chance."""
    a, b, c = rng.normal(size=3)
    b = b if bend is None else np.float64(bend)

    def f(x):
        return a * np.sin(x) + b * x**2 + c

    def derivative(x):
        return a * np.cos(x) + 2 * b * x

    return f, derivative


def parabola(bottom, bend):
    """The derivative of bend·(x − bottom)² / 2. A rate above 2 / bend leads ever further away."""
    return lambda x: bend * (x - bottom)
