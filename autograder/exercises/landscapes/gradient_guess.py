"""The right answer to `gradient_guess`."""

from __future__ import annotations

import numpy as np


def gradient_guess(loss, w, directions, h):
    slopes = [(loss(w + h * d) - loss(w - h * d)) / (2 * h) for d in directions]
    return np.mean(np.array(slopes)[:, None] * directions, axis=0)
