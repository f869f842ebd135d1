"""What `slope_along` is asked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.numerical_gradient.shared import Rng, near, point, shapes, steep, wave
from helpers.questions.usual import calls, left_alone


def along_points(rng: Rng) -> Iterator[tuple]:
    """Arrays of any shape, a number too; directions of any length, one with zeros in it; steeply up
    and down."""
    for shape in (*shapes(rng), (3, 3)):
        yield wave(rng, shape)[0], point(rng, shape), point(rng, shape)
    yield wave(rng, ())[0], 0.0, float(rng.normal())
    yield wave(rng, ())[0], float(rng.normal()), 0.0
    d = rng.permutation(np.append(0.0, rng.uniform(1.0, 2.0, size=3)))
    yield wave(rng, (4,))[0], rng.permutation(np.append(0.0, rng.normal(size=3))), d
    yield wave(rng, (4,))[0], rng.normal(size=4), np.zeros(4)
    f, x, uphill = (
        steep(rng, (4,)),
        rng.normal(size=4),
        rng.uniform(0.5, 1, size=4) * [1, -1, 1, -1],
    )
    yield f, x, uphill
    yield f, x, -uphill


def along_steps(rng: Rng) -> Iterator[tuple]:
    for shape in ((4,), (2, 3)):
        h = float(rng.uniform(0.05, 0.4))
        yield wave(rng, shape)[0], rng.normal(size=shape), rng.normal(size=shape), h
    yield wave(rng, (3,))[0], rng.normal(size=3), rng.normal(size=3), 1


def along_kinds(rng: Rng) -> Iterator[tuple]:
    """Integers, both and each alone; strided ones and transposes."""
    for shape in ((5,), (3, 2)):
        x, d = rng.integers(-2, 3, size=shape), rng.integers(-2, 3, size=shape)
        d.flat[:2] = 2, 1
        yield wave(rng, shape)[0], x, d
    for given in ((x, rng.normal(size=shape)), (rng.normal(size=shape), d)):
        yield wave(rng, shape)[0], *given
    yield wave(rng, (4, 2))[0], rng.normal(size=(2, 4)).T, rng.normal(size=(2, 4)).T
    yield wave(rng, (5,))[0], rng.normal(size=10)[::2], rng.normal(size=10)[::2]


def along_vectors(rng: Rng) -> Iterator[tuple]:
    for n in (2, 5, 9):
        yield wave(rng, (n,))[0], rng.normal(size=n), rng.normal(size=n)


ASKED = Asked(
    "slope_along",
    near(2, along_points, says="the slope along a direction, for arrays of any shape"),
    near(1, along_steps, says="a central difference, with the h given"),
    calls(
        1,
        lambda f, x, d, *h: 2,
        along_vectors,
        says="two evaluations of f, whatever N is",
        rtol=1e-8,
        atol=1e-8,
    ),
    near(0.5, along_kinds, says="integer arrays, strided ones"),
    left_alone(0.5, along_vectors, says="x and d are left as they were"),
)
