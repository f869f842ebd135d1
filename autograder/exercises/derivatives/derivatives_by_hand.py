"""The right answer to `derivatives_by_hand`."""

from __future__ import annotations

import numpy as np


def derivatives_by_hand(x, a):
    return (
        -np.sin(x),
        a,
        3 * x**2 - 2,
        -2 * x * np.exp(-(x**2)),
        -2 * x / (1 + x**2) ** 2,
    )
