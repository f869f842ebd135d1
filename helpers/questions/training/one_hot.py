"""What `one_hot` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import arrays, left_alone, value


def _columns(rng):
    """Categories with gaps, repeated, in no order; below 0; all the same; as many values."""
    n, k = different(rng, 2, 4, 9)
    for low, high in ((0, 4), (-20, 20)):
        known = rng.integers(low, high, size=n)
        yield known, rng.choice(known, size=k)
        yield known, rng.choice(known, size=n)
    yield np.full(n, 3), np.full(k, 3)
    yield np.array([4]), np.array([4, 4])
    yield rng.permutation(9), np.array([int(rng.integers(9))])


def _unknown(rng):
    """Below, between and above what is known; none at all is known."""
    known = rng.permutation([2, 4, 6, 6, 9])
    yield known, rng.permutation([1, 2, 3, 5, 6, 9, 10])
    yield known, np.array([7, 0, 100])


ASKED = Asked(
    "one_hot",
    value(2, _columns, keeps=True, says="a 1 in the column of the category"),
    value(1, _unknown, says="0 in all columns, for a category that training has not seen"),
    arrays(1, _columns, says="in an array"),
    left_alone(1, _columns),
)
