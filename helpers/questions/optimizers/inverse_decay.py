"""What `inverse_decay` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.usual import value


def _schedules(rng):
    """Also large rates, a whole one too, steps that are far away, and a half-life below one."""
    for _ in range(2):
        for half_life in (float(rng.uniform(3, 200)), int(rng.integers(3, 200))):
            yield float(rng.uniform(0.01, 1)), int(rng.integers(1, 500)), half_life
    rate = rng.uniform(1e4, 2e4)
    for large in (float(rate), int(rate)):
        yield large, int(rng.integers(1, 500)), int(rng.integers(3, 200))
    yield float(rng.uniform(0.1, 1)), int(rng.integers(10**7, 10**8)), float(rng.uniform(3, 20))
    yield float(rng.uniform(0.1, 1)), int(rng.integers(1, 5)), float(rng.uniform(0.2, 0.8))


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
