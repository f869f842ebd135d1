"""The right answer to `relative_error`."""

from __future__ import annotations

import numpy as np


def relative_error(a, b):
    if np.shape(a) != np.shape(b):
        return np.inf
    a = [float(entry) for entry in np.ravel(a)]
    b = [float(entry) for entry in np.ravel(b)]
    apart = sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5
    length = sum(p * p for p in a) ** 0.5 + sum(q * q for q in b) ** 0.5
    return 0.0 if length == 0 else apart / length
