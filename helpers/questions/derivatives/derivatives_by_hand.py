"""What `derivatives_by_hand` is asked."""

from __future__ import annotations

import numpy as np

from helpers._describing import kind_of
from helpers._findings import not_due
from helpers.checks import compare, name_of
from helpers.questions.base import Asked, Question, Wrong, answered, run, run_each, tiny
from helpers.questions.usual import measured

TITLES = ("(cos x)'", "(a·x)'", "(x³ − 2x)'", "(e^(−x²))'", "(1 / (1 + x²))'")


def _places(rng):
    """On either side of 0, not near it; then where x or a is 0 or a whole number."""
    places = [(float(sign * rng.uniform(0.3, 2.5)), float(rng.normal(2, 1))) for sign in (1, -1, 1)]
    x, a = float(rng.uniform(0.3, 2)), float(rng.uniform(1, 3))
    return [
        *places,
        (0.0, a),
        (x, 0.0),
        (int(rng.integers(1, 4)), a),
        (x, -int(rng.integers(1, 4))),
    ]


def _tiny_places(rng):
    return [(float(rng.choice([-1, 1]) * tiny(rng)), float(rng.normal(2, 1))) for _ in range(2)]


def _tiny_slopes(rng):
    return [(float(rng.uniform(0.5, 2.5)), float(tiny(rng))) for _ in range(4)]


def _far_places(rng):
    return [(float(rng.choice([-1, 1]) * rng.uniform(1, 9) * 1e70), 1.0) for _ in range(2)]


def _five(f, answer):
    """What was returned, which has to be five."""
    if not isinstance(answer, tuple | list) or len(answer) != 5:
        raise Wrong(not_due(answer, name_of(f), "five numbers, in the order of the list"))
    return answer


def _each(which, says, exactly_at=None, there=""):
    """One of the five derivatives, worth a point of its own.

    exactly_at: where it must have all its digits, as a formula has; a difference has none there.
    there: what is said of these places, where it is only there that it fails.
    """

    def test(f, rng, right):
        cases: list[tuple] = [(*case, {}) for case in answered(right, _places(rng))]
        if exactly_at:
            hard = answered(right, exactly_at(rng))
            cases += [(*case, {"rtol": 1e-11, "atol": 0.0}) for case in hard]
        answers = run_each(f, [args for args, *_ in cases])
        for (args, expected, tolerance), answer in zip(cases, answers, strict=True):
            found = _five(f, answer)[which]
            wrong = compare(found, expected[which], **tolerance)
            if wrong:
                hint = measured(found, expected[which]) if tolerance else ""
                where = f"{there}, " if tolerance else ""
                raise Wrong(f"{where}at x = {args[0]:.4g}, a = {args[1]:.4g}: {wrong}{hint}")

    return Question(says, 1, test)


def _five_numbers(f, rng, right):
    args = _places(rng)[0]
    expected = right(*args)
    answer = _five(f, run(f, args))
    for part in answer:
        single = isinstance(part, int | float | np.number) or (
            isinstance(part, np.ndarray) and part.ndim == 0 and part.dtype.kind in "iuf"
        )
        if isinstance(part, bool) or not single:
            raise Wrong(f"each of the five is a number; one of yours is {kind_of(part)}")
    if all(compare(one, other) for one, other in zip(answer, expected, strict=True)):
        each = "".join(
            f"\n{title} is {float(one):.6g}, expected {float(other):.6g}"
            for title, one, other in zip(TITLES, answer, expected, strict=True)
        )
        raise Wrong(f"none of the five is right at x = {args[0]:.4g}, a = {args[1]:.4g}:{each}")


ASKED = Asked(
    "derivatives_by_hand",
    Question("five numbers, at least one of them right", 1, _five_numbers),
    _each(0, TITLES[0]),
    _each(1, TITLES[1], _tiny_slopes, "where a is tiny"),
    _each(2, TITLES[2], _far_places, "far out"),
    _each(3, TITLES[3], _tiny_places, "near 0, to the last digits"),
    _each(4, TITLES[4], _tiny_places, "near 0, to the last digits"),
)
