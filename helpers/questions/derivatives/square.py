"""What `square` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.usual import value


def _numbers(rng):
    """Positive, negative, positive, ..., so that a mistake of sign shows as itself."""
    return [(float((-1) ** k * rng.uniform(1.5, 5)),) for k in range(5)]


ASKED = Asked(
    "square",
    value(1, _numbers),
)
