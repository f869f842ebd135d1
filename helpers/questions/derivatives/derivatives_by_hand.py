"""What `derivatives_by_hand` is asked."""

from __future__ import annotations

import numpy as np

from helpers._describing import kind_of
from helpers._findings import not_due
from helpers.checks import compare, name_of
from helpers.questions.base import Asked, Question, Wrong, answered, run


def _places(rng):
    return [(float(rng.normal(0, 1.2)), float(rng.normal(2, 1))) for _ in range(6)]


def _five(f, args):
    answer = run(f, args)
    if not isinstance(answer, tuple | list) or len(answer) != 5:
        raise Wrong(not_due(answer, name_of(f), "five numbers, in the order of the list"))
    return answer


def _each(which, says):
    """One of the five derivatives, worth a point of its own."""

    def test(f, rng, right):
        for args, expected in answered(right, _places(rng)):
            wrong = compare(_five(f, args)[which], expected[which])
            if wrong:
                raise Wrong(f"at x = {args[0]:.4g}, a = {args[1]:.4g}: {wrong}")

    return Question(says, 1, test)


def _five_numbers(f, rng, right):
    args = _places(rng)[0]
    expected = right(*args)
    answer = _five(f, args)
    for part in answer:
        if isinstance(part, bool) or not isinstance(part, int | float | np.number):
            raise Wrong(f"each of the five is a number; one of yours is {kind_of(part)}")
    if all(compare(one, other) for one, other in zip(answer, expected, strict=True)):
        raise Wrong(f"none of the five is right at x = {args[0]:.4g}, a = {args[1]:.4g}")


ASKED = Asked(
    "derivatives_by_hand",
    Question("five numbers, at least one of them right", 1, _five_numbers),
    _each(0, "(cos x)'"),
    _each(1, "(a·x)'"),
    _each(2, "(x³ − 2x)'"),
    _each(3, "(e^(−x²))'"),
    _each(4, "(1 / (1 + x²))'"),
)
