"""The right answer to `logistic_loss_loops`."""

from __future__ import annotations

import numpy as np

from autograder.exercises.sigmoid_rule.sigmoid import sigmoid


def logistic_loss_loops(w, b, X, y):
    n, m = X.shape
    loss, dw, db = 0.0, np.zeros(m), 0.0
    for i in range(n):
        z = b
        for j in range(m):
            z = z + w[j] * X[i, j]
        a = float(sigmoid(z))
        loss += float(np.logaddexp(0.0, z)) - y[i] * z
        dz = a - y[i]
        for j in range(m):
            dw[j] += X[i, j] * dz
        db += dz
    return loss / n, dw / n, db / n
