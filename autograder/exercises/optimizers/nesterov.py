"""The right answer to `nesterov`."""

from __future__ import annotations


def nesterov(w, gradient, state, learning_rate=0.01, alpha=0.9):
    v = state.get("v", 0.0)
    v = alpha * v - learning_rate * gradient(w + alpha * v)
    return w + v, {"v": v}
