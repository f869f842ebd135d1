"""What several exercises of this lesson are asked on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks import name_of
from helpers.questions.base import Question
from helpers.questions.usual import value

Rng = np.random.Generator


def takes(shape: tuple[int, ...], function: Callable, name: str) -> Callable:
    """The function, refusing an array of any shape but this one, and a list.

    All that are handed over are made here: right and wrong ones have the same name, and say the
    same of an argument that they cannot take.
    """

    def f(x: Any) -> Any:
        if isinstance(x, list | tuple):
            raise TypeError(f"{name} takes an array; it was given a {type(x).__name__}")
        if np.shape(x) != shape:
            raise ValueError(f"{name} takes an array of shape {shape}; it was given {np.shape(x)}")
        return function(np.array(x, dtype=float))

    f.__name__ = name
    return f


def loss_of(shape: tuple[int, ...], f: Callable) -> Callable:
    return takes(shape, lambda x: float(f(x)), "f")


def signs(rng: Rng, shape: tuple[int, ...]) -> np.ndarray:
    return rng.choice([-1.0, 1.0], size=shape)


def wave(rng: Rng, shape: tuple[int, ...]) -> tuple[Callable, Callable]:
    """f(x) = Σ a sin(x + b) + ½ (Σ c x)², and its gradient a cos(x + b) + c Σ c x.

    Curved in every entry, and the last term couples them all.
    """
    a = signs(rng, shape) * rng.uniform(0.5, 2.0, shape)
    b = rng.uniform(-3.0, 3.0, shape)
    c = signs(rng, shape) * rng.uniform(0.5, 1.5, shape)

    def loss(x: np.ndarray) -> Any:
        return np.sum(a * np.sin(x + b)) + np.sum(c * x) ** 2 / 2

    def gradient(x: np.ndarray) -> np.ndarray:
        return np.asarray(a * np.cos(x + b) + c * np.sum(c * x))

    return loss_of(shape, loss), takes(shape, gradient, "gradient")


def steep(rng: Rng, shape: tuple[int, ...]) -> Callable:
    """A wave that climbs in every second entry, and falls in the others, by some 40."""
    wavy, _ = wave(rng, shape)
    slopes = np.resize([1.0, -1.0], shape) * rng.uniform(35, 45, shape)
    return loss_of(shape, lambda x: wavy(x) + np.sum(slopes * x))


def vectors(rng: Rng) -> list[tuple[int, ...]]:
    return [(int(n),) for n in rng.choice(np.arange(2, 6), size=3, replace=False)]


def shapes(rng: Rng) -> list[tuple[int, ...]]:
    """A number, one entry, matrices that are not square, three axes; no two axes alike."""
    n, m, c = (int(k) for k in rng.permutation([2, 3, 4]))
    deep = tuple(int(k) for k in rng.permutation([1, 2, 3]))
    return [(), (1,), (n, m), (1, c), deep]


def point(rng: Rng, shape: tuple[int, ...]) -> Any:
    """A random point; a plain Python number where the shape is ()."""
    return rng.normal(size=shape) if shape else float(rng.normal())


def unsteady(rng: Rng, shape: tuple[int, ...], h: float) -> np.ndarray:
    """Numbers that are others when h was added and taken away again, in whichever order.

    Nearer to 0 than h is, so that a sum has not all of their digits.
    """
    x = h / 8 * rng.normal(size=200)
    returns = (x + h) - h, (x - h) + h, (x + h) - 2 * h + h, (x - h) + 2 * h - h
    return x[np.all([again != x for again in returns], axis=0)][: np.prod(shape)].reshape(shape)


def near(points: float, probes: Callable, *, says: str) -> Question:
    """The value to within the round-off of a difference quotient.

    With |f| below about 30 and h = 1e-5 that is some 1e-9; the tolerance is ten times as much,
    and still a hundred times finer than the error of a one-sided difference.
    """
    return value(points, probes, says=says, rtol=1e-8, atol=1e-8)


def scaled(function: Callable, factor: float) -> Callable:
    def scaled_(x: Any) -> Any:
        return factor * function(x)

    scaled_.__name__ = name_of(function)
    return scaled_


def places(flags: np.ndarray) -> str:
    found = [", ".join(str(int(i)) for i in index) for index in np.argwhere(flags)]
    return ", ".join(f"[{index}]" for index in found) or "no entry"


def times(factor: float) -> Callable[[Callable], Callable]:
    return lambda gradient: scaled(gradient, factor)
