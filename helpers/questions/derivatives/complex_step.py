"""What `complex_step` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.derivatives.shared import curve
from helpers.questions.usual import value


def _places(rng):
    """Steps that are plain to see in the result, of both signs; at 0 and at a whole number."""
    for h in (0.3, 0.1, -0.2, 0.05):
        yield curve(rng)[0], float(rng.normal(1, 1)), h
    for x in (0.0, int(rng.integers(1, 5))):
        yield curve(rng)[0], x, 0.1
    for sign in (1, -1):  # steep, upwards and downwards
        yield curve(rng, float(sign * rng.uniform(20, 30)))[0], float(rng.uniform(1, 2)), 0.5
    yield curve(rng)[0], float(rng.normal(1, 1)), int(rng.choice([-2, -1, 1, 2]))


def _tiny_steps(rng):
    """Where a difference of two values has no digits left."""
    for h in (1e-8, 1e-20, -1e-100, 1e-200):
        yield curve(rng)[0], float(rng.uniform(0.5, 2)), h * float(rng.uniform(1, 9))
    for x in (0.0, int(rng.integers(1, 5))):
        yield curve(rng)[0], x, 1e-30


ASKED = Asked(
    "complex_step",
    value(2, _places, says="the imaginary part of f(x + ih), divided by h", rtol=1e-10),
    value(1, _tiny_steps, says="steps as small as 1e-200", rtol=1e-9, atol=0),
)
