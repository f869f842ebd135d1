"""What `normalise` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import kinds, left_alone, value


def _table(rng, n, m):
    """A table whose columns have means and deviations of their own."""
    return rng.normal(rng.uniform(-3, 3, size=m), rng.uniform(0.2, 5, size=m), size=(n, m))


def _tables(rng):
    """Other numbers of rows, the same, one row, one column. In some, a column ends as it begins."""
    n, k, m = different(rng, 3, 3, 8)
    for rows, others, columns in ((n, k, m), (k, n, m), (n, n, n), (n, 1, m), (k, n, 1)):
        train_X, X = _table(rng, rows, columns), _table(rng, others, columns)
        train_X[0, 0] = train_X[-1, 0] = X[0, 0] = 0.0
        yield train_X, X
    yield _table(rng, n, 1), _table(rng, 1, 1)
    yield _table(rng, 1, 1), _table(rng, k, 1)
    yield rng.integers(0, 9, size=(n, m)).astype(float), _table(rng, k, m)


def _constant(rng):
    """Columns that do not change in training: of numbers whose mean is rounded, of 0, of 7.

    How the mean is rounded depends on the order in memory, which is by rows here.
    """
    n, k, m = different(rng, 3, 4, 9)
    train_X, X = _table(rng, 10, m), _table(rng, k, m)
    places = rng.permutation(m)[:3]
    train_X[:, places] = [0.1, 0.0, 7.0]
    X[0] = train_X[0]
    yield train_X, X
    yield _table(rng, 1, m), _table(rng, k, m)
    yield np.full((10, 3), [0.1, 0.7, -5.0]), _table(rng, n, 3)


def _small_spread(rng):
    """A column that hardly changes is not constant, be it of tiny numbers or of large ones, such
    as seconds since 1970. The mean of these is whole: it is not rounded.
    """
    n, k, m = different(rng, 3, 3, 8)
    scales = np.where(np.arange(m) == rng.integers(m), 1e-13, 1.0)
    yield _table(rng, n, m) * scales, _table(rng, k, m) * scales
    train_X, X = _table(rng, 5, m), _table(rng, k, m)
    train_X[:, 0] = 1.7e9 + rng.permutation([-2.0, -1.0, 0.0, 1.0, 2.0])
    X[:, 0] = 1.7e9 + rng.integers(-9, 9, size=k)
    yield train_X, X


def _some(rng):
    n, k, m = different(rng, 3, 3, 8)
    yield _table(rng, n, m), _table(rng, k, m)


ASKED = Asked(
    "normalise",
    value(2, _tables, keeps=True, says="with the training set's mean and deviation"),
    value(1, _constant, says="a column that is constant in training is divided by 1"),
    value(1, _small_spread, says="a column that hardly changes is not constant"),
    left_alone(1, _tables),
    kinds(1, _some, integers=(0, 1)),
)
