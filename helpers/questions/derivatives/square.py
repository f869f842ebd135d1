"""What `square` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.usual import value


def _numbers(rng):
    """Positive, negative, positive, ..., so that a mistake of sign shows as itself."""
    ordinary = [(float((-1) ** k * rng.uniform(1.5, 5)),) for k in range(5)]
    extremes = [(float(rng.uniform(1, 9) * size),) for size in (1e-9, -1e-3, 0, 1e2, -1e6, 1e9)]
    return ordinary + extremes


ASKED = Asked(
    "square",
    value(1, _numbers, atol=0),
)
