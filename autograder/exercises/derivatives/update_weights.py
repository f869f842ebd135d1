"""The right answer to `update_weights`."""

from __future__ import annotations


def update_weights(W, gradient, learning_rate):
    return W - learning_rate * gradient
