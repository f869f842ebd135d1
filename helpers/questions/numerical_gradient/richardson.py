"""What `richardson` is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.numerical_gradient.shared import Rng, loss_of, point, shapes, signs
from helpers.questions.usual import arrays, left_alone, value


def curve(rng: Rng, shape: tuple[int, ...]) -> Callable:
    """f(x) = Σ a sin(x + b) + a (x − b)⁴ / 9 + 2 sin(Σ c x).

    Its third derivative is nowhere small in all, and the last term couples the entries.
    """
    a = signs(rng, shape) * rng.uniform(0.5, 2.0, shape)
    b = rng.uniform(-3.0, 3.0, shape)
    c = signs(rng, shape) * rng.uniform(0.5, 1.5, shape)

    def loss(x: np.ndarray) -> float:
        return np.sum(a * np.sin(x + b) + a * (x - b) ** 4 / 9) + 2 * np.sin(np.sum(c * x))

    return loss_of(shape, loss)


def rich_points(rng: Rng) -> Iterator[tuple]:
    for shape in (*shapes(rng), (3, 3)):
        yield curve(rng, shape), point(rng, shape)
    yield curve(rng, ()), 0.0
    yield curve(rng, (4,)), rng.permutation(np.append(0.0, rng.normal(size=3)))


def rich_steps(rng: Rng) -> Iterator[tuple]:
    for shape in ((), (4,), (2, 3), (4,)):
        yield curve(rng, shape), point(rng, shape), float(rng.uniform(0.2, 0.9))
    yield curve(rng, (3,)), rng.normal(size=3), 1


def rich_kinds(rng: Rng) -> Iterator[tuple]:
    for shape in ((5,), (3, 2)):
        yield curve(rng, shape), rng.integers(-2, 3, size=shape), 0.5
        yield curve(rng, shape), rng.normal(size=shape).astype(np.float32), 0.5
    yield curve(rng, (4, 2)), rng.normal(size=(2, 4)).T, 0.5
    yield curve(rng, (5,)), rng.normal(size=10)[::2], 0.5


ASKED = Asked(
    "richardson",
    value(2, rich_steps, says="the combination of both steps, with the h given", rtol=1e-8),
    value(1, rich_points, says="x of any shape, a number too; h = 0.01", rtol=1e-10, atol=1e-10),
    arrays(1, rich_kinds, says="integer and float32 x, a transposed or strided one"),
    left_alone(1, rich_steps, says="x and earlier results are left as they were"),
)
