"""The right answer to `complex_step`."""

from __future__ import annotations

import numpy as np


def complex_step(f, x, h):
    return np.imag(f(x + 1j * h)) / h
