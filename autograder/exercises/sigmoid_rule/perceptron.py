"""The right answer to `perceptron`."""

from __future__ import annotations

import numpy as np


def perceptron(w, X):
    z = X @ w[:-1] + w[-1]
    return np.where(z > 0, 1.0, 0.0)
