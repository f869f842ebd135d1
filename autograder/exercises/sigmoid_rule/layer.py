"""The right answer to `layer`."""

from __future__ import annotations

from autograder.exercises.sigmoid_rule.sigmoid import sigmoid


def layer(X, W, b):
    return sigmoid(X @ W.T + b)
