"""What `surrogates` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import arrays, kinds, left_alone, silent, value

_NAMES = ("the 0/1 loss", "the hinge loss", "the logistic loss", "the squared loss")


def _margins(rng):
    """On both sides of 0 and of 1, near and far, and never 0; one of them, one row; a number."""
    a, b, c = different(rng, 3, 4, 8)
    for shape in ((a,), (b,), (c, a), (b, b), (b, 1), (1, c), (1,), (1, 1)):
        size = int(np.prod(shape))  # at most 49, and 0 would be one of 95
        yield (rng.permutation(np.linspace(-4.1, 5.3, size)).reshape(shape),)
    yield (30 * rng.normal(size=(a, c)).T,)
    for number in (float(rng.uniform(-3, -1)), float(rng.uniform(0.2, 0.8)), 2.5):
        yield (number,)


def _at_zero(rng):
    yield (np.array([0.0, 1.0, -1.0, 1e-9, -1e-9]),)
    yield (0.0,)
    yield (np.zeros((2, 3)),)
    yield (np.array([[0, 1], [2, -1]]),)


def _far(rng):
    yield (np.array([-1000.0, 1000.0, 0.0]),)
    yield (-float(rng.uniform(800, 2000)),)


ASKED = Asked(
    "surrogates",
    value(2, _margins, keeps=True, says="four losses, margin by margin"),
    arrays(1, _at_zero, says="at margins of 0 and 1, where the pieces meet; whole numbers"),
    silent(1, _far, says="right at margins of ±1000, without an overflow"),
    left_alone(1, _margins),
    kinds(1, _margins, integers=(0,)),
    returns=_NAMES,
)
