"""The right answer to `linear_rule`."""

from __future__ import annotations


def linear_rule(w, X, y, learning_rate):
    delta = y - X @ w
    return w + 2 * learning_rate * X.T @ delta
