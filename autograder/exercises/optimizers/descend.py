"""The right answer to `descend`."""

from __future__ import annotations

import numpy as np


def descend(rule, gradient, start, steps, **settings):
    w, path = start, [start]
    state: dict = {}
    for _ in range(steps):
        w, state = rule(w, gradient(w), state, **settings)
        path.append(w)
    return np.array(path)
