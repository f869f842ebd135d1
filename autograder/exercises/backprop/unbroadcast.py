"""The right answer to `unbroadcast`."""

from __future__ import annotations


def unbroadcast(gradient, shape):
    for _ in range(gradient.ndim - len(shape)):
        gradient = gradient.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient
