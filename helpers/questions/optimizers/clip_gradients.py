"""What `clip_gradients` is asked."""

from __future__ import annotations

import numpy as np

from helpers.checks import name_of
from helpers.questions.base import Asked, Wrong, different
from helpers.questions.usual import left_alone, value


def _clipped(clip_gradients, gradients, limit):
    """The arrays of the list that is returned."""
    count = len(gradients)
    found = clip_gradients(gradients, limit)
    if not isinstance(found, list | tuple) or len(found) != count:
        text = f"should return a list of {count} arrays, as many as it was given"
        raise Wrong(f"{name_of(clip_gradients)} {text}")
    return tuple(map(np.asarray, found))


def _several(rng, scale=1.0):
    """Arrays of other shapes, and of other sizes: what counts is the length of all together."""
    a, b, c = different(rng, 3, 2, 6)
    shapes = ((a, b), (c,), (b, b))
    return [
        scale * size * rng.normal(size=shape)
        for size, shape in zip((1.0, 5.0, 0.2), shapes, strict=True)
    ]


def _length(gradients):
    return float(np.sqrt(sum(np.sum(np.square(g)) for g in gradients)))


def _too_long(rng):
    for share in (0.9, 0.3, 0.01):
        gradients = _several(rng)
        gradients[1][0] = 0.0
        yield gradients, share * _length(gradients)
    alone = [rng.normal(size=4)]
    yield alone, 0.5 * _length(alone)
    for limit in (1, 0, 0.0, 3e4):
        yield _several(rng, 1e4), limit
    for _ in range(2):
        yield [rng.uniform(1, 2, size=3), -rng.uniform(1, 2, size=(2, 3))], 1.5


def _short_or_whole(rng):
    """Shorter than the limit, just as long, and nothing but zeros; and whole numbers, too long."""
    for times in (1.01, 20.0, 1e6):
        gradients = _several(rng)
        yield gradients, times * _length(gradients)
    yield [np.array([3.0, 0.0]), np.array([[4.0]])], 5.0
    for limit in (1.0, 0.0):
        yield [np.zeros(3), np.zeros((2, 2))], limit
    yield [np.array([0.6]), np.array([0.0, 0.3])], 1
    yield [rng.integers(3, 9, size=3), rng.integers(3, 9, size=(2, 2))], 2.5


ASKED = Asked(
    "clip_gradients",
    value(
        2, _too_long, drive=_clipped, keeps=True, says="shortened to the limit, all by one factor"
    ),
    value(
        1,
        _short_or_whole,
        drive=_clipped,
        says="short ones stay as they are; whole numbers are shortened, too",
    ),
    left_alone(1, _too_long, says="the gradients that were given stay as they are"),
)
