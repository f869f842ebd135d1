"""The right answer to `softmax_loss`."""

from __future__ import annotations

import numpy as np


def softmax_loss(W, X, labels):
    scores = X @ W.T
    rows = np.arange(len(labels))
    log_sum = np.logaddexp.reduce(scores, axis=1)
    loss = np.mean(log_sum - scores[rows, labels])
    error = np.exp(scores - log_sum[:, None])
    error[rows, labels] -= 1
    return loss, error.T @ X / len(labels)
