"""What `output_bias` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import arrays, left_alone, value


def _numbers(rng):
    """Targets of any size, in one column, in several, square; a single example; whole numbers."""
    n, c, k = different(rng, 3, 2, 8)
    for rows, columns in ((n, c), (k, 1), (n, n), (1, k), (n, c), (1, 1)):
        yield rng.normal(rng.uniform(-50, 50, size=columns), 2, size=(rows, columns)), "number"
    yield np.zeros((n, c)), "number"
    yield rng.integers(0, 9, size=(k, c)), "number"
    yield _labels(rng, k, c), "number"


def _labels(rng, n, c):
    """0 and 1, both in each column."""
    Y = np.zeros((n, c))
    for column in range(c):
        ones = rng.integers(1, n)
        Y[rng.permutation(n)[:ones], column] = 1.0
    return Y


def _shares(rng):
    n, c, k = different(rng, 3, 2, 8)
    for rows, columns in ((n, c), (k + 1, 1), (n, n), (40, 3), (n, c)):
        yield _labels(rng, rows, columns), "yes or no"
    yield np.asfortranarray(_labels(rng, k, c)), "yes or no"
    rare = np.zeros((200, 2))
    rare[int(rng.integers(200)), 0] = rare[1:, 1] = 1.0
    yield rare, "yes or no"
    yield _labels(rng, n, c).astype(int), "yes or no"


def _both(rng):
    yield from _numbers(rng)
    yield from _shares(rng)


ASKED = Asked(
    "output_bias",
    value(2, _both, keeps=True, says="the mean, or the inverse sigmoid of the share"),
    arrays(1, _both, says="one for each column, in an array"),
    left_alone(1, _both),
)
