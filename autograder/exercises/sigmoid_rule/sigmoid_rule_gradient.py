"""The right answer to `sigmoid_rule_gradient`."""

from __future__ import annotations

from autograder.exercises.sigmoid_rule.sigmoid import sigmoid


def sigmoid_rule_gradient(w, X, y):
    a = sigmoid(X @ w)
    delta = y - a
    return -2 * X.T @ (delta * a * (1 - a))
