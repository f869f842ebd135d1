"""The right answer to `momentum`."""

from __future__ import annotations


def momentum(w, gradient, state, learning_rate=0.01, alpha=0.9):
    v = alpha * state.get("v", 0.0) - learning_rate * gradient
    return w + v, {"v": v}
