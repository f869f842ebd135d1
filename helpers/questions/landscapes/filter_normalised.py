"""What `filter_normalised` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import kinds, left_alone, silent, value


def _layers(rng):
    """Columns and rows of very different lengths; one input, one unit; square; a size twice.

    Short ones at the end.
    """
    a, b, c = different(rng, 3, 2, 6)
    for m, q in ((a, b), (a, b), (c, c), (c - 1, c), (1, a), (b, 1)):
        sizes = rng.permutation(np.geomspace(0.1, 10, q))
        W = sizes * rng.normal(size=(m + 1, q))
        signs = rng.choice([-1, 1], size=(m + 1, q))
        yield signs * rng.uniform(0.5, 4, size=(m + 1, q)), W
    yield rng.uniform(0.2, 0.4, size=(3, a)), rng.normal(size=(3, a))


def _zeros(rng):
    """Columns that are 0, in the direction and in the weights; all of them; single zeros.

    One of the direction is nearly 0, but longer than what some add to lengths, which is 1e-10.
    """
    m, q = different(rng, 2, 2, 6)
    for which in (0, 1):
        pair = [rng.uniform(1, 3, size=(m + 1, q)), rng.uniform(1, 3, size=(m + 1, q))]
        pair[which][rng.integers(m), rng.integers(q)] = 0.0
        yield tuple(pair)
    for which in (0, 1):
        pair = [rng.normal(size=(m + 1, q)), rng.normal(size=(m + 1, q))]
        pair[which][:-1, rng.integers(q)] = 0.0
        yield tuple(pair)
    yield np.zeros((m + 1, q)), rng.normal(size=(m + 1, q))
    yield rng.normal(size=(m + 1, q)), np.zeros((m + 1, q))
    nearly = np.where(np.arange(q) == rng.integers(q), 1e-7, 1.0)
    yield nearly * rng.uniform(1, 3, size=(m + 1, q)), rng.normal(size=(m + 1, q))


ASKED = Asked(
    "filter_normalised",
    value(2, _layers, keeps=True, says="each column as long as that of the weights"),
    value(1, _zeros, says="a column of 0 stays 0, one that is nearly 0 does not", rtol=0.01),
    silent(1, _zeros, free=True, says="no warning where a column is 0"),
    left_alone(1, _layers),
    kinds(1, _layers, integers=(0, 1)),
)
