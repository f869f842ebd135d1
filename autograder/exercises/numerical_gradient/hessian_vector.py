"""The right answer to `hessian_vector`."""

from __future__ import annotations

import numpy as np


def hessian_vector(gradient, x, d, h=1e-5):
    x, d = np.array(x, dtype=float), np.array(d, dtype=float)
    return (gradient(x + h * d) - gradient(x - h * d)) / (2 * h)
