"""The right answer to `keep_best`."""

from __future__ import annotations

import numpy as np


def keep_best(loss, candidates):
    losses = np.array([loss(w) for w in candidates])
    return candidates[losses.argmin()], np.minimum.accumulate(losses)
