"""The right answer to `complex_step`."""

from __future__ import annotations

import numpy as np


def complex_step(f, x, h=1e-20):
    x = np.array(x, dtype=complex)
    directions = np.eye(x.size).reshape(x.size, *x.shape)
    slopes = [f(x + 1j * h * e).imag / h for e in directions]
    return np.array(slopes).reshape(x.shape)
