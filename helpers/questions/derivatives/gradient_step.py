"""What `gradient_step` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.usual import value


def _steps(rng):
    """Downhill is to the left in the first case, to the right in the second, and so on."""
    for k in range(6):
        slope = (-1) ** k * rng.uniform(0.5, 3)
        yield float(rng.normal()), float(slope), float(rng.uniform(0.01, 0.9))


ASKED = Asked(
    "gradient_step",
    value(
        2,
        _steps,
        says="the next x",
    ),
)
