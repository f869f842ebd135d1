"""The right answer to `surrogates`."""

from __future__ import annotations

import numpy as np


def surrogates(u):
    zero_one = np.where(u <= 0, 1.0, 0.0)
    hinge = np.maximum(0.0, 1 - u)
    logistic = np.logaddexp(0, -u) / np.log(2)
    return zero_one, hinge, logistic, (1 - u) ** 2
