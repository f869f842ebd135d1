"""The right answer to `gradient_check`."""

from __future__ import annotations

import numpy as np

from autograder.exercises.numerical_gradient.numerical_gradient import numerical_gradient


def gradient_check(f, gradient, x, tolerance=1e-6):
    analytic, numerical = np.asarray(gradient(x)), numerical_gradient(f, x)
    if analytic.shape != numerical.shape:
        return False
    apart = np.sqrt(np.sum((analytic - numerical) ** 2))
    length = np.sqrt(np.sum(analytic**2)) + np.sqrt(np.sum(numerical**2))
    return bool(apart <= tolerance * length)
