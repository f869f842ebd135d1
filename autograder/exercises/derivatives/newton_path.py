"""The right answer to `newton_path`."""

from __future__ import annotations

import numpy as np


def newton_path(derivative, second_derivative, start, steps):
    path = [start]
    for _ in range(steps):
        x = path[-1]
        path.append(x - derivative(x) / second_derivative(x))
    return np.array(path)
