"""What `complex_step` is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.numerical_gradient.shared import Rng, point, shapes, signs
from helpers.questions.usual import arrays, calls, left_alone, value


def analytic(rng: Rng, shape: tuple[int, ...]) -> Callable:
    """f(x) = Σ a sin(x + b) + ½ (Σ c x)² + (Σ c x)³ / 30 + e^(x/4) + Σ s x, for complex x as for
    real ones.

    s: steep, upwards in every second entry, and downwards in the others. The cube couples the
    entries in what a large step shows as well.
    """
    a = signs(rng, shape) * rng.uniform(0.5, 2.0, shape)
    b = rng.uniform(-3.0, 3.0, shape)
    c = signs(rng, shape) * rng.uniform(0.5, 1.5, shape)
    s = np.resize(rng.permutation([1.0, -1.0]), shape) * rng.uniform(25, 35, shape)

    def f(x: Any) -> Any:
        if np.shape(x) != shape:
            raise ValueError(f"f takes an array of shape {shape}; it was given {np.shape(x)}")
        x = np.asarray(x)
        both = np.sum(c * x)
        return np.sum(a * np.sin(x + b) + np.exp(x / 4) + s * x) + both**2 / 2 + both**3 / 30

    return f


def sideways(rng: Rng) -> Iterator[tuple]:
    for shape in (*shapes(rng), (3, 3)):
        yield analytic(rng, shape), point(rng, shape)
    yield analytic(rng, ()), 0.0
    yield analytic(rng, (4,)), rng.permutation(np.append(0.0, rng.normal(size=3)))


def sideways_vectors(rng: Rng) -> Iterator[tuple]:
    for n in (2, 5, 5):
        yield analytic(rng, (n,)), rng.normal(size=n)


def sideways_steps(rng: Rng) -> Iterator[tuple]:
    """Large steps, at which its own truncation shows."""
    for shape in ((), (4,), (2, 3)):
        yield analytic(rng, shape), point(rng, shape), float(rng.uniform(0.2, 0.9))
    yield analytic(rng, (3,)), rng.normal(size=3), 1


def sideways_kinds(rng: Rng) -> Iterator[tuple]:
    for shape in ((5,), (3, 2)):
        yield analytic(rng, shape), rng.integers(-2, 3, size=shape)
        yield analytic(rng, shape), rng.normal(size=shape).astype(np.float32)
    yield analytic(rng, (4, 2)), rng.normal(size=(2, 4)).T
    yield analytic(rng, (5,)), rng.normal(size=10)[::2]


ASKED = Asked(
    "complex_step",
    value(
        2, sideways, says="the gradient to the last digits, x of any shape", rtol=1e-12, atol=1e-13
    ),
    value(1, sideways_steps, says="with the h given", rtol=1e-12, atol=1e-13),
    calls(
        1,
        lambda f, x: np.size(x),
        sideways_vectors,
        says="N evaluations of f",
        rtol=1e-12,
        atol=1e-13,
    ),
    arrays(
        0.5,
        sideways_kinds,
        says="integer and float32 x, a transposed or strided one",
        rtol=1e-12,
        atol=1e-13,
    ),
    left_alone(0.5, sideways_vectors, says="x and earlier results are left as they were"),
)
