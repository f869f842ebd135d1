"""The right answer to `penalty`."""

from __future__ import annotations

import numpy as np


def penalty(w, l1, l2):
    size = l1 * np.sum(np.abs(w[:-1])) + l2 * np.sum(w[:-1] ** 2)
    gradient = np.append(l1 * np.sign(w[:-1]) + 2 * l2 * w[:-1], 0.0)
    return size, gradient
