"""The right answer to `forward_gradient`."""

from __future__ import annotations

import numpy as np


def forward_gradient(f, x, h):
    x = np.array(x, dtype=float)
    directions = np.eye(x.size).reshape(x.size, *x.shape)
    here = f(x)
    slopes = [(f(x + h * e) - here) / h for e in directions]
    return np.array(slopes).reshape(x.shape)
