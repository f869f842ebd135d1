"""The right answer to `clip_gradients`."""

from __future__ import annotations

import numpy as np


def clip_gradients(gradients, limit):
    length = np.sqrt(sum(np.sum(g * g) for g in gradients))
    factor = limit / length if length > limit else 1.0
    return [factor * g for g in gradients]
