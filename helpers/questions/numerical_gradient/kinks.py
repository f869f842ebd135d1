"""What `kinks` is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers._findings import returned_none
from helpers.checks import describe_call
from helpers.questions.base import Asked, Question, Right, Wrong, run
from helpers.questions.kept import Kept, leaving
from helpers.questions.numerical_gradient.shared import Rng, loss_of, places, signs


def bent(bends: Any, at: np.ndarray, a: np.ndarray, b: np.ndarray) -> Callable:
    """A function whose slope in entry i jumps by `bends` at `at`; it is smooth elsewhere."""
    return loss_of(at.shape, lambda x: np.sum(bends / 2 * np.abs(x - at) + a * np.sin(x + b)))


def waves(rng: Rng, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Heights and phases: what is smooth in a function, and has any slope."""
    return signs(rng, shape) * rng.uniform(0.5, 3.0, shape), rng.uniform(-3.0, 3.0, shape)


def steepest(rng: Rng, x: np.ndarray) -> np.ndarray:
    """Phases for which a wave's slope at x is nearly its height."""
    return rng.uniform(-0.4, 0.4, x.shape) - x


def standing(rng: Rng, shape: tuple[int, ...]) -> tuple[Callable, np.ndarray, np.ndarray]:
    """A bent function, a point, and which of the point's entries stand on a kink.

    Every second entry does, with the slope jumping up and down in turn; one other entry is 0. On
    every second kink the slope keeps its sign, and no slope beside one is near 0.
    """
    size = int(np.prod(shape))
    order = rng.permutation(size)
    on = (order % 2 == 0).reshape(shape)
    up = np.where(order % 4 < 2, 1.0, -1.0).reshape(shape)
    at = rng.normal(size=shape)
    away = signs(rng, shape) * rng.uniform(0.05, 1.0, shape)
    at = np.where((order == 1).reshape(shape), -away, at)
    bends = up * rng.uniform(0.3, 4.0, shape)
    x = np.where(on, at, at + away)
    keeps = (order % 8 < 4).reshape(shape)
    share = np.where(keeps, rng.uniform(0.7, 1.5, shape), rng.uniform(0.1, 0.4, shape))
    away_from_0 = np.sign(bends * away) * rng.uniform(0.5, 3.0, shape)
    a = np.where(on, signs(rng, shape) * share * np.abs(bends), away_from_0)
    return bent(bends, at, a, steepest(rng, x)), x, on


def same_flags(f: Callable, args: tuple, expected: np.ndarray) -> None:
    answer = run(f, args)
    if answer is None:
        raise Wrong(returned_none(describe_call(f, args)))
    got = answer if isinstance(answer, np.ndarray) else np.array(None)
    if isinstance(answer, bool | np.bool_):
        got = np.array(answer)
    if got.dtype != bool or got.shape != expected.shape:
        raise Wrong(
            f"{describe_call(f, args)}: it returned values of dtype {got.dtype} in shape "
            f"{got.shape}, expected True or False for each entry, shape {expected.shape}"
        )
    if not np.array_equal(got, expected):
        raise Wrong(
            f"{describe_call(f, args)}: True at {places(got)}, expected True at {places(expected)}"
        )


def kinks_vectors(f: Callable, rng: Rng, right: Right) -> None:
    for n in (14, 5):
        function, x, on = standing(rng, (n,))
        same_flags(f, (function, x), on)


def in_pairs(rng: Rng, reach: float, h: float) -> tuple[Callable, np.ndarray, np.ndarray]:
    """A function of entries that act together, a point, and which of its entries stand on a kink.

    Two pairs of entries share a kink, where a weighted sum of them is what it is at x: of one sign,
    and of opposite ones. The third pair's lies away from x, `reach` times as far as either entry
    alone moves it: the two of them together would get there.
    """
    order = rng.permutation(7)
    on = np.zeros(7, dtype=bool)
    on[order[:4]] = True
    weights, jumps = np.zeros((3, 7)), signs(rng, (3,)) * rng.uniform(1.0, 3.0, 3)
    for pair, (first, sign) in enumerate(((0, -1.0), (2, 1.0), (4, 1.0))):
        size = rng.uniform(0.8, 1.2)
        weights[pair, order[first]] = size
        weights[pair, order[first + 1]] = sign * size
    x = rng.normal(size=7)
    at = weights @ x
    side = rng.choice([-1.0, 1.0])
    at[2] -= side * reach * h * np.max(weights[2])
    a, b = signs(rng, (7,)) * rng.uniform(0.5, 2.0, 7), steepest(rng, x)
    a[order[4:6]] = side * np.sign(jumps[2]) * np.abs(a[order[4:6]])  # no slope there is near 0

    def loss(x: np.ndarray) -> float:
        return np.sum(jumps / 2 * np.abs(weights @ x - at)) + np.sum(a * np.sin(x + b))

    return loss_of((7,), loss), x, on


def kinks_together(f: Callable, rng: Rng, right: Right) -> None:
    for _ in range(3):
        h = float(rng.uniform(1e-5, 2e-5))
        function, x, on = in_pairs(rng, float(rng.uniform(1.3, 1.7)), h)
        same_flags(f, (function, x, h, 0.01), on)
    function, x, on = in_pairs(rng, 1000.0, 1e-5)
    same_flags(f, (function, x), on)


def kinks_shapes(f: Callable, rng: Rng, right: Right) -> None:
    for shape in ((2, 3), (3, 1, 2), (1, 4)):
        function, x, on = standing(rng, shape)
        same_flags(f, (function, x), on)
        kept = Kept()
        kept.add(leaving(f, right, (function, x)), f, (function, x))
        same_flags(f, (function, x + 0.01), np.zeros(shape, dtype=bool))  # none is on a kink now
        kept.look_again()
    function, x, on = standing(rng, (3, 2))
    same_flags(f, (function, np.asfortranarray(x)), on)


def kinks_settings(f: Callable, rng: Rng, right: Right) -> None:
    gap = float(rng.uniform(0.3, 0.6))
    jump = rng.permutation([0.6, 0.8, 1.3, 1.7])
    at = rng.normal(size=4)
    function = bent(jump * gap * signs(rng, (4,)), at, *waves(rng, (4,)))
    same_flags(f, (function, at, 1e-6, gap), jump > 1)
    slopes = 1e5 * signs(rng, (4,))  # beside which the jump is tiny: the gap is no share of them
    steep = loss_of((4,), lambda x: function(x) + np.sum(slopes * x))
    same_flags(f, (steep, at, 2e-6, gap), jump > 1)

    h = float(rng.uniform(1e-4, 3e-4))
    away = np.where(jump > 1, rng.uniform(1.2, 1.5, size=4), rng.uniform(0.6, 0.75, size=4))
    away[rng.choice(np.flatnonzero(away < 1))] /= 3  # within half a step, and the other is not
    side = np.where(rng.permutation([True, False, True, False]), 1.0, -1.0)
    side[away < 1] = rng.permutation([1.0, -1.0])  # a kink to the left counts, and one to the right
    function = bent(0.4 * signs(rng, (4,)), at, *waves(rng, (4,)))
    same_flags(f, (function, at + h * away * side, h, 0.05), away < 1)


ASKED = Asked(
    "kinks",
    Question("which entries stand on a kink", 1, kinks_vectors),
    Question("entries that act together, of which one moves at a time", 1, kinks_together),
    Question("x of any shape; x and earlier results are left as they were", 1, kinks_shapes),
    Question("the h and the gap that are given", 1, kinks_settings),
)
