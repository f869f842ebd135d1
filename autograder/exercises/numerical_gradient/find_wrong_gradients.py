"""The right answer to `find_wrong_gradients`."""

from __future__ import annotations

from autograder.exercises.numerical_gradient.gradient_check import gradient_check


def find_wrong_gradients(candidates, points):
    wrong = []
    for name, (f, gradient) in candidates.items():
        if not all(gradient_check(f, gradient, x) for x in points):
            wrong.append(name)
    return wrong
