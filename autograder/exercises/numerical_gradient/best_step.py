"""The right answer to `best_step`."""

from __future__ import annotations

import numpy as np


def best_step(difference, f, derivative, x, steps):
    best, smallest = None, np.inf
    for h in steps:
        error = abs(difference(f, x, h) - derivative(x))
        if error < smallest:
            best, smallest = h, error
    return best
