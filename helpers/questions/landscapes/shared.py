"""What several exercises of this lesson are asked on."""

from __future__ import annotations

import numpy as np


def hilly(a, b, c=0.0):
    """A loss of an array w, and its gradient: a valley that leans, as numbers a, b and c say."""

    def f(w):
        if np.size(w) != np.size(a):  # numpy would fit all candidates to a at once
            where = f"shape {np.shape(a)}, and was given an array of shape {np.shape(w)}"
            raise ValueError(f"the loss takes one array of weights, of {where}")
        return float(np.sum(a * w) + np.sum(b * w**2) + c)

    def gradient(w):
        return a + 2 * b * w

    return f, gradient


def hills(rng, shape):
    """One of these for arrays of this shape."""
    return hilly(rng.normal(size=shape), rng.uniform(0.3, 2, size=shape), float(rng.normal()))
