"""What `sigmoid_rule_gradient` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.sigmoid_rule.shared import confident, sizes, some_tiny
from helpers.questions.usual import exact, kinds, left_alone, silent, value


def _units(rng):
    for n, m in sizes(rng):
        y = rng.integers(0, 2, size=n).astype(float)
        yield rng.normal(size=m), rng.normal(size=(n, m)), y
    w = np.array([1.0, -1.0]) * rng.uniform(8, 20, size=2)  # large weights
    yield w, 0.05 * rng.normal(size=(3, 2)), np.array([0.0, 1.0, 1.0])
    X = rng.uniform(20, 30, size=(4, 2)) * [1.0, -1.0]  # a steep loss, at undecided units
    yield 0.001 * rng.normal(size=2), X, np.zeros(4)


def _undecided(rng):
    """No unit so certain, even for whole numbers, that all its gradient is rounding."""
    for w, X, y in _units(rng):
        yield 0.4 * w, 0.4 * X, y


def _tiny_units(rng):
    for n, m in sizes(rng):
        X, w = some_tiny(rng, n, m)
        yield w, X, np.ones(n)


ASKED = Asked(
    "sigmoid_rule_gradient",
    value(2, _units, says="the gradient, one number for each weight"),
    exact(1, _tiny_units),
    silent(1, confident, says="no overflow where the unit is certain"),
    left_alone(1, _units, says="w, X, y and earlier results are left as they were"),
    kinds(1, _undecided, integers=(0, 1, 2)),
)
