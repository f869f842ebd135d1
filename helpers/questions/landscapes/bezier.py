"""What `bezier` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.landscapes.shared import hills, hilly
from helpers.questions.usual import arrays, calls, left_alone, value


def _points(rng):
    """Two of one size, one square; places on both halves of the curve."""
    a, b, c = different(rng, 3, 2, 6)
    for shape, tau in (((a,), 0.2), ((a,), 0.7), ((b, c), 0.4), ((c, c), 0.9), ((1,), 0.6)):
        _, gradient = hills(rng, shape)
        yield gradient, *rng.normal(size=(3, *shape)), tau + 0.05 * float(rng.random())


def _odd(rng):
    """One row, one column, by columns; large weights; weights of 0; a gradient that is flat."""
    a, b = different(rng, 2, 2, 6)
    for shape in ((1, a), (b, 1), (a, b)):
        _, gradient = hills(rng, shape)
        places = (np.asfortranarray(20 * rng.normal(size=shape)) for _ in range(3))
        yield gradient, *places, float(rng.uniform(0.2, 0.8))
    _, gradient = hills(rng, 6)
    yield gradient, *(rng.normal(size=(3, 6)) * rng.permuted(np.eye(3, 6) == 0, axis=1)), 0.3
    for none in range(3):
        places = rng.normal(size=(3, 6))
        places[none] = 0.0
        yield gradient, *places, 0.6
    for slope in (0.0, 1e-9):
        _, gradient = hilly(slope * np.ones(a), np.zeros(a))
        yield gradient, *rng.normal(size=(3, a)), 0.4


def _ends(rng):
    """Both ends, where the middle does not count, and halfway; whole numbers."""
    m = different(rng, 1, 2, 6)[0]
    _, gradient = hills(rng, m)
    for tau in (0.0, 1.0, 0.5, 0, 1):
        yield gradient, *rng.normal(size=(3, m)), tau
    yield gradient, *rng.integers(1, 9, size=(3, m)), 0.3


def _everywhere(rng):
    yield from _points(rng)
    yield from _ends(rng)


ASKED = Asked(
    "bezier",
    value(2, _points, keeps=True, says="a point of the curve, and the slope by the middle"),
    value(1, _odd, says="one row, one column; large weights, weights of 0; a flat gradient"),
    arrays(1, _ends, says="both ends, halfway; whole numbers"),
    calls(1, lambda gradient, *rest: 1, _everywhere, says="one gradient"),
    left_alone(1, _points),
    returns=("the point", "the slope"),
)
