"""What `gradient_guess` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.landscapes.shared import hills, hilly
from helpers.questions.usual import arrays, calls, left_alone, value


def _guesses(rng):
    """Directions of all lengths, none of length 1; as many as weights, and fewer; a size twice."""
    a, b, c = different(rng, 3, 2, 7)
    for k, m in ((a, b), (a, b), (c, c), (1, a), (b, 1)):
        loss, _ = hills(rng, m)
        yield loss, rng.normal(size=m), 2 * rng.normal(size=(k, m)), float(rng.uniform(0.1, 0.5))


def _odd(rng):
    """A large step, where the curvature must cancel; whole numbers, also of h; directions of 0, by
    columns, a single one along a single weight; weights that are 0.
    """
    loss, _ = hills(rng, 3)
    yield loss, rng.normal(size=3), rng.normal(size=(2, 3)), 10.0
    yield loss, rng.integers(1, 9, size=3), rng.integers(1, 9, size=(4, 3)), 0.5
    yield loss, rng.normal(size=3), np.array([[0.0, 0.0, 0.0], [1.0, -2.0, 0.0]]), 0.1
    yield loss, rng.normal(size=3), rng.normal(size=(4, 3)), int(rng.integers(2, 5))
    yield loss, rng.normal(size=3), np.asfortranarray(rng.normal(size=(4, 3))), 0.2
    for which in range(3):
        yield loss, rng.normal(size=3) * (np.arange(3) != which), rng.normal(size=(2, 3)), 0.2
    yield loss, np.zeros(3), rng.normal(size=(2, 3)), 0.2
    single, _ = hills(rng, 1)
    yield single, rng.normal(size=1), rng.uniform(2, 3, size=(1, 1)), 0.3
    flat, _ = hilly(np.zeros(2), np.zeros(2), 3.0)
    yield flat, rng.normal(size=2), rng.normal(size=(3, 2)), 0.1


ASKED = Asked(
    "gradient_guess",
    value(2, _guesses, keeps=True, says="the mean over the directions", rtol=1e-8),
    arrays(1, _odd, says="a large step; whole numbers; a direction of 0", rtol=1e-8),
    calls(
        1,
        lambda loss, w, directions, h: 2 * len(directions),
        _guesses,
        says="two evaluations a direction",
        rtol=1e-8,
    ),
    left_alone(1, _guesses),
)
