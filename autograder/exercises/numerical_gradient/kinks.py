"""The right answer to `kinks`."""

from __future__ import annotations

import numpy as np

from autograder.exercises.numerical_gradient.forward_gradient import forward_gradient


def kinks(f, x, h=1e-5, gap=1e-3):
    right = forward_gradient(f, x, h)
    left = forward_gradient(f, x, -h)
    return np.abs(right - left) > gap
