"""The right answer to `smoothed_loss`."""

from __future__ import annotations

import numpy as np


def smoothed_loss(scores, labels, share):
    n, c = scores.shape
    q = np.full((n, c), share / c)
    q[np.arange(n), labels] += 1 - share
    log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    return -np.sum(q * log_p) / n, (np.exp(log_p) - q) / n
