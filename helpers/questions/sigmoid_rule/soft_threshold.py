"""What `soft_threshold` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import exact, kinds, left_alone


def _weights(rng):
    for m in (*different(rng, 3), 1):
        yield rng.normal(size=m), float(rng.uniform(0.2, 0.8))
    t = float(rng.uniform(0.5, 1))
    yield t * np.array([3.0, -3.0, 0.9, -0.9, 0.0, 1.5, -1.5])[rng.permutation(7)], t
    yield np.append(0.0, rng.normal(size=4)), 0.0
    yield rng.uniform(15, 30, size=4) * [1.0, -1.0, 1.0, -1.0], float(rng.uniform(7, 8))
    yield np.array([2.0, -2.0, 1.0, 0.0]), 1.0


def _large(rng):
    signs = rng.permutation([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    yield signs * rng.uniform(3, 20, size=6), float(rng.uniform(0.2, 0.8))


ASKED = Asked(
    "soft_threshold",
    exact(
        2,
        _weights,
        says="each weight nearer to 0 by t, and exactly 0 where it was nearer than t",
        rtol=1e-9,
    ),
    left_alone(1, _weights, says="w and earlier results are left as they were"),
    kinds(1, _large, integers=(0, 1)),
)
