"""What `loss_slice` is asked."""

from __future__ import annotations

from itertools import islice

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.landscapes.shared import hills, hilly
from helpers.questions.usual import arrays, calls, left_alone, value


def _planes(rng):
    """More places along than across, and fewer; as many; two of one size; arrays of any shape, also
    by columns; losses below 0.
    """
    a, b, c = different(rng, 3, 2, 5)
    for shape, along, across in (((a,), b, c), ((a,), b, c), ((b,), a, a), ((a, b), c, b)):
        loss, _ = hills(rng, shape)
        w, first, second = rng.normal(size=(3, *shape))
        yield loss, w, first, second, 2 * rng.normal(size=along), rng.normal(size=across)
    loss, _ = hilly(np.zeros((a, b)), np.ones((a, b)), -1000.0)
    w, first, second = (np.asfortranarray(rng.normal(size=(a, b))) for _ in range(3))
    yield loss, w, first, second, rng.normal(size=c), rng.normal(size=b)


def _some(rng):
    """Weights in one row, a matrix of them, and one by columns."""
    return islice(_planes(rng), 2, None)


def _odd(rng):
    """A line, a point, and one direction twice; whole numbers; no step at all; places close by."""
    m = different(rng, 1, 2, 6)[0]
    loss, _ = hills(rng, m)
    w, first, second = rng.normal(size=(3, m))
    yield loss, w, first, second, np.linspace(-1, 2, 4), np.zeros(1)
    yield loss, w, first, second, np.array([0.5]), np.array([-0.5])
    yield loss, w, first, first, np.array([0.0, 1.0]), np.array([0.0, 1.0, 2.0])
    whole = rng.integers(1, 9, size=(3, m))
    yield loss, *whole, np.array([0.5, 0.25]), np.array([-1.5, 0.0, 1.0])
    yield loss, w, first, second, np.array([1, 2]), np.array([3, 0, -1])
    yield loss, w, first, second, np.array([0.5, 0.50001]), np.array([0.25, 0.25002])


ASKED = Asked(
    "loss_slice",
    value(3, _planes, keeps=True, says="the loss at each place of the plane"),
    arrays(1, _odd, says="a line, a point, whole numbers"),
    calls(
        1,
        lambda loss, w, first, second, along, across: len(along) * len(across),
        _some,
        says="one evaluation for each place",
    ),
    left_alone(1, _some),
)
