"""What `sigmoid_rule` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.sigmoid_rule.shared import confident, sizes, some_tiny
from helpers.questions.usual import exact, kinds, left_alone, silent, value


def _units(rng):
    for n, m in sizes(rng):
        y = rng.integers(0, 2, size=n).astype(float)
        yield rng.normal(size=m), rng.normal(size=(n, m)), y, rng.uniform(0.1, 1.0)
    yield rng.normal(size=2), rng.normal(size=(3, 2)), np.array([0.0, 1.0, 1.0]), 0.0
    w = np.array([1.0, -1.0]) * rng.uniform(8, 20, size=2)  # large weights, a bold rate
    yield w, 0.05 * rng.normal(size=(3, 2)), np.array([0.0, 1.0, 1.0]), 10.0


def _confident(rng):
    for args in confident(rng):
        yield *args, 0.5


def _tiny_units(rng):
    for n, m in sizes(rng):
        X, w = some_tiny(rng, n, m)
        yield w, X, np.ones(n), rng.uniform(0.3, 1)


ASKED = Asked(
    "sigmoid_rule",
    value(1, _units, says="the new weights"),
    exact(2, _tiny_units),
    silent(1, _confident, says="no overflow where the unit is certain"),
    left_alone(1, _units, says="w, X, y and earlier results are left as they were"),
    kinds(1, _units, integers=(0, 1, 2, 3)),
)
