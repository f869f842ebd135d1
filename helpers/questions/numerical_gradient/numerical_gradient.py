"""What `numerical_gradient` is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from helpers.checks import compare, describe_call
from helpers.questions.base import Asked, Question, Right, Wrong, answered, run, watched
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

H = 1e-5
"""The step of the signature."""


def central_vectors(rng: Rng) -> Iterator[tuple]:
    for shape in vectors(rng):
        yield wave(rng, shape)[0], rng.normal(size=shape)


def central_shapes(rng: Rng) -> Iterator[tuple]:
    for shape in shapes(rng):
        yield wave(rng, shape)[0], point(rng, shape)
    yield wave(rng, ())[0], 0.0
    yield wave(rng, (2, 3, 2))[0], rng.normal(size=(2, 3, 2))


def central_steps(rng: Rng) -> Iterator[tuple]:
    for shape in vectors(rng)[:2]:
        yield wave(rng, shape)[0], rng.normal(size=shape), float(rng.uniform(0.05, 0.4))
    yield wave(rng, (3,))[0], rng.normal(size=3), 1


def central_kinds(rng: Rng) -> Iterator[tuple]:
    for shape in ((4,), (3, 2)):
        yield wave(rng, shape)[0], rng.integers(-2, 3, size=shape)
    yield steep(rng, (16,)), rng.normal(size=16).astype(np.float32)


def central_odd(rng: Rng) -> Iterator[tuple]:
    yield wave(rng, (3, 2))[0], rng.normal(size=(2, 3)).T
    yield wave(rng, (3, 1, 2))[0], rng.normal(size=(2, 1, 3)).T
    yield wave(rng, (3,))[0], rng.normal(size=6)[::2]
    yield steep(rng, (3,)), np.append(0.0, rng.uniform(-1, 1, size=2))


def central_gate(f: Callable, rng: Rng, right: Right) -> None:
    """The value, from f at x ± h·e_i: any other way to measure a slope is not what is asked for.

    So a call of the course's own `numerical_gradient`, which chooses its steps itself, is none.
    """
    for args, expected in answered(right, central_vectors(rng)):
        loss, x = args
        asked, seen = watched(loss)
        wrong = compare(run(f, (asked, x)), expected, rtol=1e-8, atol=1e-8)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}: {wrong}")
        moved = [x + step for step in (*(H * np.eye(x.size)), *(-H * np.eye(x.size)))]
        if not all(any(near_to(p, place) for p in seen) for place in moved):
            raise Wrong(
                f"{describe_call(f, args)}: the value is right, but f was not asked for at "
                f"x + h·e_i and at x − h·e_i for every i, with the h = {H} of the signature"
            )


def near_to(one: Any, other: np.ndarray) -> bool:
    return np.shape(one) == other.shape and bool(np.all(np.abs(one - other) < 1e-9))


def central_two(rng: Rng) -> Iterator[tuple]:
    """How often f is called is seen on two of the vectors."""
    yield from islice(central_vectors(rng), 2)


def central_unsteady(rng: Rng) -> Iterator[tuple]:
    """Adding h and taking it away again shows."""
    yield wave(rng, (3, 2))[0], unsteady(rng, (3, 2), H)


ASKED = Asked(
    "numerical_gradient",
    Question("the gradient at a vector, from f at x ± h", 1, central_gate, central_vectors),
    near(4, central_shapes, says="x of any shape, a plain number too"),
    near(1, central_steps, says="central differences, with the h given"),
    calls(
        1,
        lambda f, x, *h: 2 * np.size(x),
        central_two,
        says="2N evaluations of f",
        rtol=1e-8,
        atol=1e-8,
    ),
    arrays(0.5, central_kinds, says="integer and float32 x", rtol=1e-8, atol=1e-8),
    arrays(0.5, central_odd, says="a transposed or strided x; a steep f", rtol=1e-8, atol=1e-8),
    left_alone(1, central_unsteady, says="x and earlier results are left as they were"),
)
