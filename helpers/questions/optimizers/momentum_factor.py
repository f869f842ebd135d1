"""What `momentum_factor` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.usual import value

# Where the two eigenvalues meet, rounding counts for 1e-8: the probes stay clear of it.


def _pairs(rng, below, alpha):
    """Curvature, rate and share kept, where the ball creeps (below) or swings."""
    meet = (1 - alpha**0.5) ** 2, (1 + alpha**0.5) ** 2
    push = rng.uniform(0.1, 0.8) * meet[0] if below else rng.uniform(meet[0] * 1.5, meet[1] * 0.9)
    curvature = rng.uniform(0.5, 60)
    return float(curvature), float(push / curvature), float(alpha)


def _factors(rng):
    for low, high in ((0.05, 0.15), (0.3, 0.6), (0.6, 0.9)):
        yield _pairs(rng, True, rng.uniform(low, high))
        yield _pairs(rng, False, rng.uniform(low, high))


def _borders(rng):
    """No momentum; rates beyond the border, and 0; no curvature, a negative one; whole numbers."""
    for push in (0.3, 1.7, 2.6):
        curvature = float(rng.uniform(1, 50))
        yield curvature, push / curvature, 0.0
    curvature, alpha = float(rng.uniform(1, 50)), float(rng.uniform(0.3, 0.9))
    yield curvature, 2.3 * (1 + alpha) / curvature, alpha
    yield 0.0, 0.1, alpha
    yield -curvature, 0.1, alpha
    yield curvature, 0.0, alpha
    yield 1000 * curvature, 0.1, alpha
    yield curvature, 0.3 / curvature, 0
    yield int(rng.integers(2, 9)), 0.07, alpha
    yield 0.37, int(rng.integers(1, 4)), alpha


ASKED = Asked(
    "momentum_factor",
    value(2, _factors, says="the factor a step, where it creeps and where it swings"),
    value(1, _borders, says="no momentum, no curvature, and rates too high"),
)
