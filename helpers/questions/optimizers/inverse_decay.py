"""What `inverse_decay` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.usual import value


def _schedules(rng):
    for _ in range(5):
        yield float(rng.uniform(0.01, 1)), int(rng.integers(1, 500)), float(rng.uniform(3, 200))


def _marks(rng):
    rate, half = float(rng.uniform(0.01, 1)), float(rng.uniform(3, 200))
    yield rate, 0, half
    yield rate, half, half
    yield rate, 9 * half, half


ASKED = Asked(
    "inverse_decay",
    value(1, _schedules, says="the learning rate at any step"),
    value(1, _marks, says="whole at step 0, half after half_life steps"),
)
