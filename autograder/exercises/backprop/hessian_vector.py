"""The right answer to `hessian_vector`."""

from __future__ import annotations


def hessian_vector(gradient, w, v, h=1e-4):
    return (gradient(w + h * v) - gradient(w - h * v)) / (2 * h)
