"""The right answer to `logistic_loss`."""

from __future__ import annotations

import numpy as np

from autograder.exercises.sigmoid_rule.sigmoid import sigmoid


def logistic_loss(w, b, X, y):
    z = X @ w + b
    loss = np.mean(np.logaddexp(0.0, z) - y * z)
    dz = sigmoid(z) - y
    return loss, X.T @ dz / len(y), np.mean(dz)
