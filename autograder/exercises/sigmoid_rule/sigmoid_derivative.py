"""The right answer to `sigmoid_derivative`."""

from __future__ import annotations

from autograder.exercises.sigmoid_rule.sigmoid import sigmoid


def sigmoid_derivative(z):
    s = sigmoid(z)
    return s * (1.0 - s)
