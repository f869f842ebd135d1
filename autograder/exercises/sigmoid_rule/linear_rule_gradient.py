"""The right answer to `linear_rule_gradient`."""

from __future__ import annotations


def linear_rule_gradient(w, X, y):
    delta = y - X @ w
    return -2 * X.T @ delta
