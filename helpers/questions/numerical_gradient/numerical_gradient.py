"""What `numerical_gradient` is asked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from helpers.questions.base import Asked, calls, left_alone
from helpers.questions.numerical_gradient.shared import Rng, near, point, shapes, vectors, wave


def central_vectors(rng: Rng) -> Iterator[tuple]:
    for shape in vectors(rng):
        yield wave(rng, shape)[0], rng.normal(size=shape)


def central_shapes(rng: Rng) -> Iterator[tuple]:
    for shape in shapes(rng):
        yield wave(rng, shape)[0], point(rng, shape)


def central_steps(rng: Rng) -> Iterator[tuple]:
    for shape in vectors(rng):
        yield wave(rng, shape)[0], rng.normal(size=shape), float(rng.uniform(0.05, 0.4))


def central_dtypes(rng: Rng) -> Iterator[tuple]:
    for shape in ((5,), (3, 2)):
        f, _ = wave(rng, shape)
        yield f, rng.integers(-2, 3, size=shape)
        yield f, rng.normal(size=shape).astype(np.float32)


def central_strided(rng: Rng) -> Iterator[tuple]:
    yield wave(rng, (4, 2))[0], rng.normal(size=(2, 4)).T
    yield wave(rng, (3, 2, 4))[0], rng.normal(size=(4, 2, 3)).T
    yield wave(rng, (5,))[0], rng.normal(size=10)[::2]


def central_many(rng: Rng) -> Iterator[tuple]:
    yield wave(rng, (12, 5))[0], rng.normal(size=(12, 5))


ASKED = Asked(
    "numerical_gradient",
    near(2, central_vectors, says="the gradient at a vector"),
    near(2, central_shapes, says="x of any shape, a plain number too"),
    near(1, central_steps, says="central differences, with the h given"),
    calls(
        1,
        lambda x: 2 * np.size(x),
        central_vectors,
        says="2N evaluations of f",
    ),
    near(1, central_dtypes, says="integer and float32 x"),
    near(1, central_strided, says="a transposed or strided x"),
    left_alone(1, central_many, says="x is left as it was"),
)
