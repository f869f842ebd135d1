"""The right answer to `sigmoid_rule`."""

from __future__ import annotations

from autograder.exercises.sigmoid_rule.sigmoid import sigmoid


def sigmoid_rule(w, X, y, learning_rate):
    s = sigmoid(X @ w)
    delta = y - s
    return w + 2 * learning_rate * X.T @ (delta * s * (1 - s))
