"""What `best_step` is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from helpers.checks import compare, name_of
from helpers.questions.base import Asked, Question, Right, Wrong, answered, run
from helpers.questions.numerical_gradient.shared import Rng, signs


def forward_number(f: Callable, x: float, h: float) -> float:
    return (f(x + h) - f(x)) / h


def central_number(f: Callable, x: float, h: float) -> float:
    return (f(x + h) - f(x - h)) / (2 * h)


def number_wave(rng: Rng) -> tuple[Callable, Callable]:
    a, b, c = rng.uniform(0.5, 2.0), rng.uniform(-3.0, 3.0), rng.uniform(0.3, 1.0)

    def f(x: float) -> float:
        return float(a * np.sin(x + b) + np.exp(c * x))

    def derivative(x: float) -> float:
        return float(a * np.cos(x + b) + c * np.exp(c * x))

    return f, derivative


def erratic(
    rng: Rng, derivative: Callable, steps: np.ndarray, size: float = 1.0, best: int | None = None
) -> Callable:
    """A difference with an error of its own, of either sign, at each of the steps.

    size: of the errors, all of which lie between a tenth and nine tenths of it. best: the place of
    the smallest.
    """
    sizes = rng.permutation(np.linspace(0.1, 0.9, steps.size))
    if best is not None:
        sizes = np.roll(sizes, best - int(np.argmin(sizes)))
    errors = size * signs(rng, steps.shape) * sizes

    def difference(f: Callable, x: float, h: float) -> float:
        f(x + h)  # as every difference does
        return derivative(x) + float(errors[np.argmin(np.abs(np.log(steps / h)))])

    return difference


def step_probes(rng: Rng) -> Iterator[tuple]:
    for k in rng.permutation(7):
        difference = (central_number, forward_number, *[None] * 5)[k]
        f, derivative = number_wave(rng)
        steps = 10.0 ** -np.arange(1, 14) * rng.uniform(0.5, 1.5, size=13)
        difference = difference or erratic(rng, derivative, steps)
        yield difference, f, derivative, float(rng.uniform(-1, 1)), steps


def step_orders(rng: Rng) -> Iterator[tuple]:
    for difference, f, derivative, x, steps in step_probes(rng):
        yield difference, f, derivative, x, steps[::-1]
        yield difference, f, derivative, x, [float(h) for h in rng.permutation(steps)]


def step_sizes(rng: Rng) -> Iterator[tuple]:
    """All errors are large, or all are small; the best step comes first, or last."""
    for k, size in enumerate(rng.permutation([1e12, 1e3, 1.0, 1e-8])):
        f, derivative = number_wave(rng)
        steps = 10.0 ** -np.arange(1, 6) * rng.uniform(0.5, 1.5, size=5)
        difference = erratic(rng, derivative, steps, float(size), (0, 4)[k % 2])
        yield difference, f, derivative, float(rng.uniform(-1, 1)), steps
    yield central_number, f, derivative, 0.5, steps[:1]


def chooses(points: float, probes: Callable, *, says: str) -> Question:
    """The step of the smallest error; the first wrong choices are told."""

    def test(f: Callable, rng: Rng, right: Right) -> None:
        said = []
        for args, expected in answered(right, probes(rng)):
            wrong = compare(run(f, args), expected, atol=0)
            if wrong:
                said.append(f"with {name_of(args[0])} at x = {args[3]:.4g}, {wrong}")
        if said:
            raise Wrong("\n".join(said[:3]))

    return Question(says, points, test)


ASKED = Asked(
    "best_step",
    chooses(1, step_probes, says="the step with the smallest error"),
    chooses(1, step_orders, says="the steps in any order, a list too"),
    chooses(1, step_sizes, says="errors of any size; the best step first, last, or the only one"),
)
