"""What `smoothed_loss` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import kinds, left_alone, silent, value


def _scores(rng):
    n, c, k = different(rng, 3)
    for rows, classes in ((n, c), (c, n), (k, c), (1, k), (k, k), (n, 1), (1, 1)):
        scores = rng.normal(0, 2, size=(rows, classes))
        scores[0, 0] = 0.0
        yield scores, rng.integers(0, classes, size=rows), float(rng.uniform(0.2, 0.45))
    yield rng.normal(0, 2, size=(n, c)), rng.integers(0, c, size=n), 0.0
    yield 8 * rng.normal(0, 2, size=(n, c)), rng.integers(0, c, size=n), 0.1
    yield rng.normal(0, 2, size=(k, 3)), np.full(k, 2), 1.0


def _huge(rng):
    scores = np.array([[1000.0, 0.0, -1000.0], [0.0, 1.0, 2.0], [-1000.0, -999.0, -1001.0]])
    yield scores, np.array([0, 2, 1]), float(rng.uniform(0.05, 0.3))


ASKED = Asked(
    "smoothed_loss",
    value(2, _scores, says="the loss and its gradient"),
    silent(1, _huge, free=True, says="finite and silent for scores of ±1000"),
    left_alone(1, _scores, says="the scores, the labels and earlier results are left as they were"),
    kinds(1, _scores, integers=(0, 2)),
    returns=("the loss", "the gradient"),
)
