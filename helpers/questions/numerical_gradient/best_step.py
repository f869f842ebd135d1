"""What `best_step` is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from helpers.checks import compare, name_of
from helpers.questions.base import Asked, Question, Right, Wrong, answered, run
from helpers.questions.kept import leaving
from helpers.questions.numerical_gradient.shared import Rng, signs


def quotient(uneven: float) -> Callable:
    """The difference quotient from x − h·2^(−uneven) to x + h: central with 0."""

    def difference(f: Callable, x: float, h: float) -> float:
        back = h / 2**uneven
        return (f(x + h) - f(x - back)) / (h + back)

    return difference


def number_wave(rng: Rng, level_at: float | None = None) -> tuple[Callable, Callable]:
    """level_at: where the derivative is 0, if that is wanted."""
    a, b, c = rng.uniform(0.5, 2.0), rng.uniform(-3.0, 3.0), rng.uniform(0.3, 1.0)

    def slope(x: float) -> float:
        return float(a * np.cos(x + b) + c * np.exp(c * x))

    down = 0.0 if level_at is None else slope(level_at)

    def f(x: float) -> float:
        return float(a * np.sin(x + b) + np.exp(c * x) - down * x)

    def derivative(x: float) -> float:
        return slope(x) - down

    return f, derivative


def off_by(errors: np.ndarray, derivative: Callable, at: float, steps: np.ndarray) -> Callable:
    """A difference with an error of its own at each of the steps.

    at: the x; at any other one each step has the error of the step before it.
    """

    def difference(f: Callable, x: float, h: float) -> float:
        f(x + h)  # as every difference does
        place = np.argmin(np.abs(np.log(steps / h))) - (x != at)
        return derivative(x) + float(errors[place])

    return difference


def erratic(
    rng: Rng,
    derivative: Callable,
    at: float,
    steps: np.ndarray,
    size: float = 1.0,
    best: int | None = None,
) -> Callable:
    """`off_by` errors of either sign, without an order.

    size: of the errors, all of which lie between a tenth and nine tenths of it. best: the place of
    the smallest.
    """
    sizes = rng.permutation(np.linspace(0.1, 0.9, steps.size))
    if best is not None:
        sizes = np.roll(sizes, best - int(np.argmin(sizes)))
    return off_by(size * signs(rng, steps.shape) * sizes, derivative, at, steps)


def turned(derivative: Callable, at: float, steps: np.ndarray, place: int) -> Callable:
    """A difference that is right but for its sign at one step, and nearly right at the others."""
    errors = 0.1 * derivative(at) * np.linspace(1, 2, steps.size)
    errors[place] = -2 * derivative(at)
    return off_by(errors, derivative, at, steps)


def step_probes(rng: Rng) -> Iterator[tuple]:
    for k in rng.permutation(6):
        difference = (quotient(0.0), quotient(1.0), *[None] * 4)[k]
        f, derivative = number_wave(rng)
        steps = 10.0 ** -np.arange(1, 14, 2) * rng.uniform(0.5, 1.5, size=7)
        best = {2: 0, 3: 6}.get(int(k))  # once the first of them, and once the last
        x = float(rng.uniform(-1, 1))
        difference = difference or erratic(rng, derivative, x, steps, best=best)
        yield difference, f, derivative, x, steps
    yield _turned(rng)


def _turned(rng: Rng) -> tuple:
    """Where it is steep enough to tell a slope from its negative."""
    f, derivative = number_wave(rng)
    x = float(max(rng.uniform(-1, 1, size=9), key=lambda x: abs(derivative(x))))
    steps = 10.0 ** -np.arange(1, 6) * rng.uniform(0.5, 1.5, size=5)
    return turned(derivative, x, steps, int(rng.integers(5))), f, derivative, x, steps


def step_orders(rng: Rng) -> Iterator[tuple]:
    """Backwards, and as a list in any order, in turns."""
    for place, (*others, steps) in enumerate(step_probes(rng)):
        mixed = [float(h) for h in rng.permutation(steps)]
        yield *others, mixed if place % 2 else steps[::-1]


def step_sizes(rng: Rng) -> Iterator[tuple]:
    """All errors are large, or all are small; the best step comes first, or last, or is large.

    Of two sizes of large errors one has its best step first and one has it last, and so of small
    ones. At 0 and at a whole number, too.
    """
    places = float(rng.uniform(-1, 1)), 0.0, int(rng.choice([-1, 1, 2])), float(rng.uniform(-1, 1))
    best = dict(zip((1e13, 1e12, 1.0, 1e-8), np.tile(rng.permutation([0, 4]), 2), strict=True))
    for k, size in enumerate(rng.permutation(list(best))):
        f, derivative = number_wave(rng)
        steps = 10.0 ** -np.arange(1, 6) * rng.uniform(0.5, 1.5, size=5)
        steps *= 1.0 if k else 150.0
        difference = erratic(rng, derivative, places[k], steps, size, best[size])
        yield difference, f, derivative, places[k], steps
    yield quotient(0.0), f, derivative, 0.5, steps[:1]
    yield _turned(rng)
    f, derivative = number_wave(rng, level_at=0.5)
    yield quotient(1.0), f, derivative, 0.5, steps


def chooses(points: float, probes: Callable, *, says: str, leaves: bool = False) -> Question:
    """The step of the smallest error; the first wrong choices are told.

    leaves: the arguments are left as they were.
    """

    def test(f: Callable, rng: Rng, right: Right) -> None:
        said = []
        for args, expected in answered(right, probes(rng)):
            found = leaving(f, right, args) if leaves else run(f, args)
            wrong = compare(found, expected, atol=0)
            if wrong:
                said.append(f"with {name_of(args[0])} at x = {args[3]:.4g}, {wrong}")
        if said:
            raise Wrong("\n".join(said[:3]))

    return Question(says, points, test)


ASKED = Asked(
    "best_step",
    chooses(1, step_probes, says="the step with the smallest error"),
    chooses(
        1,
        step_orders,
        says="the steps in any order, a list too; they are left as they were",
        leaves=True,
    ),
    chooses(1, step_sizes, says="errors of any size; the best step first, last, or the only one"),
)
