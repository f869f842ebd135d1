"""What `forward_gradient` is asked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.numerical_gradient.shared import (
    Rng,
    near,
    point,
    shapes,
    steep,
    unsteady,
    vectors,
    wave,
)
from helpers.questions.usual import arrays, calls, left_alone


def either_way(rng: Rng) -> float:
    """A step in one direction or the other, coarse enough that its effect is seen."""
    return float(rng.choice([-1.0, 1.0]) * rng.uniform(0.01, 0.3))


def forward_vectors(rng: Rng) -> Iterator[tuple]:
    for i, shape in enumerate(vectors(rng)):
        h = float(rng.uniform(0.01, 0.3))
        yield wave(rng, shape)[0], rng.normal(size=shape), -h if i % 2 else h


def forward_shapes(rng: Rng) -> Iterator[tuple]:
    for shape in shapes(rng):
        yield wave(rng, shape)[0], point(rng, shape), either_way(rng)
    yield wave(rng, ())[0], 0.0, either_way(rng)
    yield wave(rng, (2, 3, 2))[0], rng.normal(size=(2, 3, 2)), either_way(rng)


def forward_kinds(rng: Rng) -> Iterator[tuple]:
    for shape in ((4,), (2, 3)):
        yield wave(rng, shape)[0], rng.integers(-2, 3, size=shape), either_way(rng)
    yield steep(rng, (16,)), rng.normal(size=16).astype(np.float32), 0.01


def forward_odd(rng: Rng) -> Iterator[tuple]:
    yield wave(rng, (3, 2))[0], rng.normal(size=(2, 3)).T, either_way(rng)
    yield wave(rng, (3,))[0], rng.normal(size=6)[::2], either_way(rng)
    yield steep(rng, (3,)), np.append(0.0, rng.uniform(-1, 1, size=2)), either_way(rng)
    yield wave(rng, (3,))[0], rng.normal(size=3), int(rng.choice([-1, 1, 2]))


def forward_two(rng: Rng) -> Iterator[tuple]:
    """How often f is called is seen on two of the vectors."""
    yield from islice(forward_vectors(rng), 2)


def forward_unsteady(rng: Rng) -> Iterator[tuple]:
    """Adding h and taking it away again shows."""
    h = float(rng.uniform(0.5, 3.0))
    yield wave(rng, (3, 2))[0], unsteady(rng, (3, 2), h), h


ASKED = Asked(
    "forward_gradient",
    near(1, forward_vectors, says="the forward differences of a vector"),
    near(2, forward_shapes, says="x of any shape, a plain number too"),
    arrays(0.5, forward_kinds, says="integer and float32 x", rtol=1e-8, atol=1e-8),
    arrays(
        0.5,
        forward_odd,
        says="a transposed or strided x; a steep f, a whole h",
        rtol=1e-8,
        atol=1e-8,
    ),
    calls(
        1,
        lambda f, x, h: np.size(x) + 1,
        forward_two,
        says="N + 1 evaluations of f",
        rtol=1e-8,
        atol=1e-8,
    ),
    left_alone(1, forward_unsteady, says="x and earlier results are left as they were"),
)
