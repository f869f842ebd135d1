"""What `keep_best` is asked."""

from __future__ import annotations

from itertools import islice

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.landscapes.shared import hills, hilly
from helpers.questions.usual import arrays, calls, left_alone, value


def _searches(rng):
    """The best is first, last, in the middle; one square, two of one size; a single one."""
    a, b, c = different(rng, 3, 3, 6)
    for n, m in ((a, b), (a, b), (c, c), (b, 1), (1, a)):
        loss, _ = hills(rng, m)
        yield loss, 2 * rng.normal(size=(n, m))
    for order in (1, -1):
        loss, _ = hills(rng, b)
        rows = rng.normal(size=(a, b))
        yield loss, np.array(sorted(rows, key=loss)[::order])


def _some(rng):
    """More candidates than weights or fewer, as many, and one weight alone."""
    return islice(_searches(rng), 1, 4)


def _ties(rng):
    """Other weights with the same loss, which is negative, and many; whole numbers; one; in
    columns; losses that are huge."""
    level, _ = hilly(np.zeros(2), np.zeros(2), -1.0)
    yield level, rng.normal(size=(24, 2))
    high, _ = hilly(np.zeros(3), np.ones(3), 1e7)
    yield high, rng.normal(size=(4, 3))
    loss, _ = hilly(np.zeros(3), np.ones(3), -20.0)
    rows = [[3.0, 1.0, 0.0], [0.0, 1.0, 2.0], [1.0, 2.0, 0.0], [2.0, 0.0, 1.0], [0.0, 0.0, 4.0]]
    yield loss, np.array(rows)
    yield loss, np.array(rows).astype(int)
    sloping, _ = hills(rng, 3)
    yield sloping, rng.integers(1, 9, size=(4, 3))
    yield sloping, np.asfortranarray(rng.normal(size=(5, 3)))
    single, _ = hills(rng, 1)
    yield single, rng.normal(size=(1, 1))


ASKED = Asked(
    "keep_best",
    value(2, _searches, keeps=True, says="the best candidate, and the lowest loss so far"),
    arrays(1, _ties, says="of equal ones the first; losses below 0; whole numbers"),
    calls(1, lambda loss, candidates: len(candidates), _some, says="one evaluation for each"),
    left_alone(1, _some),
    returns=("the best candidate", "the lowest loss so far"),
)
