"""What `unbroadcast` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked, different
from helpers.questions.usual import value


def _broadcasts(rng):
    n, m, k = different(rng, 3)
    for big, small in (
        ((n, m), (m,)),
        ((n, m), (1, m)),
        ((n, m), (n, 1)),
        ((n, m), ()),
        ((n, m), (1, 1)),
        ((k, n, m), (n, 1)),
        ((k, n, m), (m,)),
    ):
        yield rng.normal(size=big), small


def _untouched(rng):
    n, m = different(rng, 2)
    yield rng.normal(size=(n, m)), (n, m)
    yield rng.normal(size=(1, m)), (1, m)
    yield rng.normal(size=n), (n,)


ASKED = Asked(
    "unbroadcast",
    value(2, _broadcasts, says="the sum over what was repeated"),
    value(1, _untouched, says="nothing to sum where nothing was repeated"),
)
