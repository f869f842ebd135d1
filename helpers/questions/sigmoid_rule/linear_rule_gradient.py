"""What `linear_rule_gradient` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.sigmoid_rule.shared import sizes, some_tiny
from helpers.questions.usual import exact, kinds, left_alone, value


def _regressions(rng):
    for n, m in sizes(rng):
        y = rng.normal(size=n)
        y[1:2] = 0.0
        yield rng.normal(size=m), rng.normal(size=(n, m)), y
    w = np.array([1.0, -1.0]) * rng.uniform(8, 20, size=2)  # large weights
    yield w, 0.05 * rng.normal(size=(3, 2)), rng.normal(size=3)
    yield w, rng.uniform(20, 30, size=(3, 2)), rng.normal(size=3)  # a steep loss


def _tiny_regressions(rng):
    for n, m in sizes(rng):
        X, w = some_tiny(rng, n, m)
        yield w, X, rng.uniform(5, 9, size=n)


ASKED = Asked(
    "linear_rule_gradient",
    value(1, _regressions, says="the gradient, one number for each weight"),
    exact(1, _tiny_regressions),
    left_alone(1, _regressions, says="w, X, y and earlier results are left as they were"),
    kinds(1, _regressions, integers=(0, 1, 2), scaled=(1, 2)),
)
