"""What `keep_best` is asked."""

from __future__ import annotations

from itertools import islice

import numpy as np

from helpers.checks import describe, describe_call
from helpers.questions.base import Asked, Question, Wrong, different, run, watched
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


def _with_equals(rng):
    """These, and some candidates that stand there more than once: each is evaluated."""
    yield from _some(rng)
    loss, _ = hills(rng, 2)
    yield loss, np.repeat(rng.normal(size=(3, 2)), 2, axis=0)


ONCE = calls(
    1,
    lambda loss, candidates: len(candidates),
    _with_equals,
    says="one evaluation for each, in their order",
)


def _in_their_order(f, rng, right):
    """Each candidate is evaluated once, the first one first."""
    ONCE.test(f, rng, right)
    for loss, candidates in list(_with_equals(rng)):
        loss, seen = watched(loss)
        run(f, (loss, candidates))
        if not all(map(np.array_equal, seen, candidates)):
            raise Wrong(
                f"{describe_call(f, (loss, candidates))} evaluated the candidates in another "
                f"order, {describe(seen[0])} first"
            )


def _ties(rng):
    """Other weights with the same loss, which is negative, and many; whole numbers; one; in
    columns; losses that are huge, and some that hardly differ."""
    level, _ = hilly(np.zeros(2), np.zeros(2), -1.0)
    yield level, rng.normal(size=(24, 2))
    high, _ = hilly(np.zeros(3), np.ones(3), 1e7)
    yield high, rng.normal(size=(4, 3))
    faint, _ = hilly(1e-8 * rng.uniform(1, 2, size=3), np.zeros(3), 1.0)
    yield faint, np.array(sorted(rng.normal(size=(6, 3)), key=faint, reverse=True))
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
    Question(ONCE.says, ONCE.points, _in_their_order),
    left_alone(1, _some),
    returns=("the best candidate", "the lowest loss so far"),
)
