"""What `gradient_step` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.usual import value


def _steps(rng):
    """Downhill is to the left in the first case, to the right in the second, and so on."""
    for k in range(6):
        slope = (-1) ** k * rng.uniform(0.5, 3)
        yield float(rng.normal()), float(slope), float(rng.uniform(0.01, 0.9))


def _all_sizes(rng):
    """From 0, where the step alone is seen: tiny and huge ones, and none; then whole numbers."""
    for k, size in enumerate((1e-12, 1e-7, 1e-3, 1e2, 1e4, 1e8)):
        slope = (-1) ** k * rng.uniform(1, 9) * size
        yield 0.0, float(slope), float(rng.uniform(0.01, 0.9))
    yield float(rng.normal()), 0.0, float(rng.uniform(0.01, 0.9))
    yield float(rng.normal()), float(rng.uniform(1, 3)), 0.0
    yield float(rng.normal()), float(rng.uniform(1, 3)), float(rng.uniform(2, 9))
    x, slope, rate = float(rng.normal()), float(rng.uniform(1, 3)), float(rng.uniform(0.1, 0.9))
    yield int(rng.integers(1, 5)), slope, rate
    yield x, -int(rng.integers(1, 5)), rate
    yield x, slope, int(rng.integers(1, 5))


ASKED = Asked(
    "gradient_step",
    value(1, _steps, says="the next x"),
    value(1, _all_sizes, says="steps of every size, none too; whole numbers", atol=0),
)
