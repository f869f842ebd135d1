"""The right answer to `least_squares`."""

from __future__ import annotations

import numpy as np


def least_squares(X, y):
    return np.linalg.solve(X.T @ X, X.T @ y)
