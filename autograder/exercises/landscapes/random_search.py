"""The right answer to `random_search`."""

from __future__ import annotations

import numpy as np


def random_search(loss, candidates):
    losses = np.array([loss(w) for w in candidates])
    return candidates[losses.argmin()], np.minimum.accumulate(losses)
