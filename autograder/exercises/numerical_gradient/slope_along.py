"""The right answer to `slope_along`."""

from __future__ import annotations

import numpy as np


def slope_along(f, x, d, h=1e-5):
    x, d = np.array(x, dtype=float), np.array(d, dtype=float)
    return (f(x + h * d) - f(x - h * d)) / (2 * h)
