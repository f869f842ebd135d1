"""What `softmax` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import kinds, left_alone, silent, value


def _scores(rng):
    n, m = different(rng, 2)
    for shape in ((n, m), (m, n), (1, m), (n, 1), (n, n), (1, 1), (n + 1, 2)):
        yield (rng.normal(0, 2, size=shape),)


def _huge(rng):
    """A common shift makes exp overflow, a wide spread makes it underflow."""
    yield (rng.normal(size=(3, 4)) + 1000.0,)
    yield (rng.normal(size=(3, 4)) - 1000.0,)
    yield (np.array([[1000.0, 0.0, -1000.0], [0.0, 1.0, 2.0], [-1000.0, 0.0, 1000.0]]),)


ASKED = Asked(
    "softmax",
    value(2, _scores, says="the probabilities of each row"),
    silent(1, _huge, free=True, says="no overflow for scores of ±1000"),
    value(1, _huge, says="the right probabilities there, too", rtol=1e-10),
    left_alone(1, _scores, says="the scores and earlier results are left as they were"),
    kinds(1, _scores, integers=(0,)),
)
