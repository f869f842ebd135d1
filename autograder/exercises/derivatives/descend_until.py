"""The right answer to `descend_until`."""

from __future__ import annotations

import numpy as np


def descend_until(derivative, start, learning_rate, tolerance, max_steps):
    x, steps = start, 0
    while True:
        slope = derivative(x)
        if not np.isfinite(slope):
            return x, steps, "diverged"
        if abs(slope) <= tolerance:
            return x, steps, "flat"
        if steps == max_steps:
            return x, steps, "out of steps"
        x = x - learning_rate * slope
        steps += 1
