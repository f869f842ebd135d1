"""What `unbroadcast` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import left_alone, value


def _broadcasts(rng):
    """Arrays that are the other way round in memory; sizes that coincide, and come twice; sums that
    are far from 0, and such that are 0.
    """
    n, m, k = different(rng, 3, 2, 5)
    for far in (10, -10):
        gradient = rng.normal(far, 1, size=(m, n)).T
        gradient[:, 0] = 0.0
        yield gradient, (1, m)
    for big, small in (
        ((n, m), (m,)),
        ((n, m), (1, m)),
        ((n, m), (n, 1)),
        ((n, m), ()),
        ((n, m), (1, 1)),
        ((k, n, m), (n, 1)),
        ((k, n, m), (m,)),
        ((k, n, m), (n, m)),
        ((k, n, m), (1, n, 1)),
        ((k, n, m), ()),
        ((n, n), (n,)),
        ((n, n), (n, 1)),
        ((k, n, n), (n, n)),
        ((1, m), (m,)),
        ((n, 1), (1, 1)),
    ):
        yield rng.normal(size=big), small


def _untouched(rng):
    n, m = different(rng, 2)
    yield rng.normal(size=(n, m)), (n, m)
    yield rng.normal(size=(1, m)), (1, m)
    yield rng.normal(size=n), (n,)
    yield rng.normal(size=(m, n)).T, (n, m)
    yield np.array(rng.normal()), ()


ASKED = Asked(
    "unbroadcast",
    value(1, _broadcasts, keeps=True, says="the sum over what was repeated"),
    value(1, _untouched, says="nothing to sum where nothing was repeated"),
    left_alone(1, _broadcasts, says="the gradient that is given is left as it was"),
)
