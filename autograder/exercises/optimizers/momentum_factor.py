"""The right answer to `momentum_factor`."""

from __future__ import annotations

import numpy as np


def momentum_factor(curvature, learning_rate, alpha):
    push = learning_rate * curvature
    step = np.array([[alpha, -push], [alpha, 1 - push]])
    return np.abs(np.linalg.eigvals(step)).max()
