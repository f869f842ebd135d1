"""What `slopes_from_table` is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from helpers.checks import compare, describe_call
from helpers.questions.base import Asked, Question, Right, Wrong, answered, numbers, parts, run
from helpers.questions.numerical_gradient.shared import Rng
from helpers.questions.usual import no_array


def table(rng: Rng) -> Iterator[tuple]:
    """Losses as a table prints them: rounded, next to each other. The slopes have no last digit."""
    for n, sign in ((3, 1), (9, 1), (4, -1), (1, 1)):
        digits = int(rng.integers(4, 8))
        h = sign * float(rng.choice([3e-4, 6e-4, 7e-4, 1.1e-3]))
        loss = round(float(rng.uniform(0.5, 3.0)), digits)
        either = rng.permutation(np.resize([1.0, -1.0], n))
        changes = either * rng.integers(3, 60, size=n) * 10.0**-digits
        yield loss, np.round(loss + changes, digits), h, digits


def pair(f: Callable, args: tuple) -> tuple:
    return parts(f, run(f, args), "slopes", "margin")


def table_slopes(f: Callable, rng: Rng, right: Right) -> None:
    for args, (expected, _) in answered(right, table(rng)):
        slopes, _ = pair(f, args)
        # The difference of two losses near 1 is right to 1e-16, the slope to 1e-16 / h.
        wrong = compare(slopes, expected, rtol=1e-7, atol=1e-9)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}, in the slopes: {wrong}")


def table_margin(f: Callable, rng: Rng, right: Right) -> None:
    for args, (_, expected) in answered(right, table(rng)):
        _, margin = pair(f, args)
        wrong = compare(margin, expected) if args[2] > 0 else None  # its sign is not asked for
        if args[2] < 0 and np.size(margin) == 1:
            wrong = compare(abs(numbers(margin)), abs(expected))
        if wrong:
            raise Wrong(f"{describe_call(f, args)}, in the margin: {wrong}")


def table_in_lists(rng: Rng) -> Iterator[tuple]:
    for loss, losses, h, digits in table(rng):
        yield loss, [float(after) for after in losses], h, digits


def table_list(f: Callable, rng: Rng, right: Right) -> None:
    for args, (expected, _) in answered(right, table_in_lists(rng)):
        slopes, _ = pair(f, args)
        wrong = compare(slopes, expected, rtol=1e-7, atol=1e-9) or no_array(slopes, expected)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}, in the slopes: {wrong}")


ASKED = Asked(
    "slopes_from_table",
    Question("the slopes", 2, table_slopes),
    Question("the margin that the printed digits leave", 1, table_margin),
    Question("the losses may be a list; the slopes are an array", 1, table_list),
)
