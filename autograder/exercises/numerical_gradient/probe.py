"""The right answer to `probe`."""

from __future__ import annotations

import numpy as np


def probe(loss, w, i, values):
    def at(value):
        trial = np.array([float(entry) for entry in w])
        trial[i] = value
        return loss(trial)

    return np.array([at(value) for value in values])
