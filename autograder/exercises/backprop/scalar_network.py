"""The right answer to `scalar_network`."""

from __future__ import annotations

import numpy as np


def scalar_network(w1, w2, x, y):
    h = np.tanh(w1 * x)
    error = w2 * h - y
    return 0.5 * error**2, error, error * h, error * w2 * (1 - h**2) * x
