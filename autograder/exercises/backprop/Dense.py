"""The right answer to `Dense`."""

from __future__ import annotations

import numpy as np


class Dense:
    def __init__(self, n_in, n_out, rng):
        weights = rng.normal(0, 1 / np.sqrt(n_in), size=(n_in, n_out))
        self.weights = np.vstack([weights, np.zeros((1, n_out))])

    def output(self, X):
        self.X = X
        return X @ self.weights[:-1] + self.weights[-1]

    def backprop(self, error):
        self.gradient = np.vstack([self.X.T @ error, np.sum(error, axis=0, keepdims=True)])
        return error @ self.weights[:-1].T
