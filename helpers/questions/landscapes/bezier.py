"""What `bezier` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked, different
from helpers.questions.landscapes.shared import hills
from helpers.questions.usual import arrays, calls, left_alone, value


def _points(rng):
    """Two of one size, one square; places on both halves of the curve."""
    a, b, c = different(rng, 3, 2, 6)
    for shape, tau in (((a,), 0.2), ((a,), 0.7), ((b, c), 0.4), ((c, c), 0.9), ((1,), 0.6)):
        _, gradient = hills(rng, shape)
        yield gradient, *rng.normal(size=(3, *shape)), tau + 0.05 * float(rng.random())


def _ends(rng):
    """Both ends, where the middle does not count, and halfway; whole numbers."""
    m = different(rng, 1, 2, 6)[0]
    _, gradient = hills(rng, m)
    for tau in (0.0, 1.0, 0.5, 0, 1):
        yield gradient, *rng.normal(size=(3, m)), tau
    yield gradient, *rng.integers(1, 9, size=(3, m)), 0.3


ASKED = Asked(
    "bezier",
    value(3, _points, keeps=True, says="a point of the curve, and the slope by the middle"),
    arrays(1, _ends, says="both ends, halfway; whole numbers"),
    calls(1, lambda gradient, *rest: 1, _points, says="one gradient"),
    left_alone(1, _points),
    returns=("the point", "the slope"),
)
