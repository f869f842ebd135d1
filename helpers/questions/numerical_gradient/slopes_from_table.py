"""What `slopes_from_table` is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from helpers.checks import compare, describe_call
from helpers.questions.base import Asked, Question, Right, Wrong, answered, parts, run
from helpers.questions.kept import Kept, leaving
from helpers.questions.numerical_gradient.shared import Rng
from helpers.questions.usual import no_array


def table(rng: Rng) -> Iterator[tuple]:
    """Losses as a table prints them: rounded, next to each other. The slopes have no last digit."""
    decimals = map(int, rng.permutation([4, 5, 6, 7]))
    for (n, sign), digits in zip(((3, 1), (9, 1), (4, -1), (1, 1)), decimals, strict=True):
        h = sign * float(rng.choice([3e-4, 6e-4, 7e-4, 1.1e-3]))
        loss = round(float(rng.uniform(0.5, 3.0)), digits)
        either = rng.permutation(np.resize([1.0, -1.0], n))
        changes = either * rng.integers(3, 60, size=n) * 10.0**-digits
        yield loss, np.round(loss + changes, digits), h, digits
    # Steep, upwards and downwards, and flat.
    changes = rng.permutation([1.0, -1.0, 1.0, -1.0, 0.0]) * rng.integers(20, 60, size=5) * 1e-4
    loss = round(float(rng.uniform(0.5, 3.0)), 4)
    yield loss, np.round(loss + changes, 4), 3e-4, 4


def whole_table(rng: Rng) -> Iterator[tuple]:
    """Whole losses, and losses of 0."""
    loss = round(float(rng.uniform(1.1, 1.9)), 4)
    yield loss, rng.permutation([0, 1, 2, 3]), 7e-4, 4
    for loss in (int(rng.integers(1, 3)), 0.0):
        yield loss, np.round(loss + 1e-4 * rng.integers(1, 60, size=3), 4), 7e-4, 4
    losses = np.round(1e-3 * rng.integers(1, 60, size=3), 4)
    yield 0.0213, np.append(losses, 0.0), -7e-4, 4


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
    even = 2.5, np.array([2.25, 2.75]), 6e-4, int(rng.integers(4, 7))  # digits that are 0
    whole = 25.0, np.array([22.0, 27.0]), 0.5, 0  # losses without decimals
    for args, (_, expected) in answered(right, (*table(rng), *whole_table(rng), even, whole)):
        _, margin = pair(f, args)
        wrong = compare(margin, expected)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}, in the margin: {wrong}")


def table_in_lists(rng: Rng) -> Iterator[tuple]:
    """Each table twice, the second time with two losses alike, next to each other; whole losses."""
    for loss, losses, h, digits in table(rng):
        listed = [float(after) for after in losses]
        yield loss, listed, h, digits
        if len(losses) > 2:
            yield loss, [*listed[1:], listed[-1]], h, digits
    yield from whole_table(rng)


def table_list(f: Callable, rng: Rng, right: Right) -> None:
    kept = Kept()
    for args, (expected, _) in answered(right, table_in_lists(rng)):
        answer = leaving(f, right, args)
        slopes, _ = parts(f, answer, "slopes", "margin")
        wrong = compare(slopes, expected, rtol=1e-7, atol=1e-9) or no_array(slopes, expected)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}, in the slopes: {wrong}")
        kept.add(answer, f, args)
    kept.look_again()


ASKED = Asked(
    "slopes_from_table",
    Question("the slopes", 2, table_slopes),
    Question("the margin that the printed digits leave", 1, table_margin),
    Question(
        "losses in a list, whole ones, and 0; left as they were; the slopes are a new array",
        1,
        table_list,
    ),
)
