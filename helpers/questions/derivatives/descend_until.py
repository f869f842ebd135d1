"""What `descend_until` is asked."""

from __future__ import annotations

from itertools import islice

from helpers.checks import compare, describe_call
from helpers.questions.base import Asked, Question, Wrong, answered, run, watched
from helpers.questions.derivatives.shared import parabola, slope_and_bend
from helpers.questions.usual import value


def _descents(rng):
    """Some become flat, from the left and from the right, one late; some run out of steps.

    The late one takes more than 70 steps.
    """
    walks = (150, 0.6), (150, 0.5), (3, 0.2), (150, 0.6), (4, 0.2), (200, 0.1)
    for k, (steps, push) in enumerate(walks):
        bend = float(rng.uniform(1, 2))
        derivative, _ = slope_and_bend(float(rng.uniform(-0.5, 0.5)), bend, float(rng.normal()))
        start = float((-1) ** k * rng.uniform(4, 9))
        rate = float(push * rng.uniform(0.8, 1.1)) / bend
        tolerance = float(10 ** rng.uniform(-4, -2))
        yield derivative, start, rate, 1e-4 if push == 0.1 else tolerance, steps


def _borders(rng):
    """With powers of 2, so that every number is exact; slope and x are mostly the same."""
    small, large = sorted(rng.choice(range(-4, 6), size=2, replace=False).tolist())
    need = large - small
    for sign in (1, -1):
        start, tolerance = float(sign * 2.0**large), 2.0**small
        yield parabola(0.0, 1.0), start, 0.5, tolerance, need + 5  # exactly the tolerance, at last
        yield parabola(0.0, 1.0), start, 0.5, tolerance, need  # just enough steps
        yield parabola(0.0, 1.0), start, 0.5, tolerance, need - 1  # one too few
        yield parabola(0.0, 0.5), start, 1.0, tolerance, need - 1  # just enough; x is twice that
        yield parabola(0.0, 1.0), start, 0.5, tolerance, 0
        yield parabola(0.0, 1.0), start, 0.5, abs(start), 0  # no step is needed, none allowed
    bottom = float(rng.normal())
    yield parabola(bottom, 1.5), bottom, 0.1, 0.0, 9  # no slope, no tolerance
    yield parabola(0.0, 1.0), 2.0**-40, 0.5, 0.0, 3  # hardly a slope, but no tolerance
    yield parabola(0.0, 1.0), int(rng.integers(3, 9)), 0.6, 0.01, 60
    yield parabola(float(rng.choice([-1, 1]) * rng.uniform(1, 4)), 1.5), 0.0, 0.4, 0.01, 60
    yield parabola(0.5, 1.0), int(rng.integers(-9, -3)), 1, 0, 7
    yield parabola(bottom, 1.5), bottom + 1.0, 0.0, 0.1, 6  # it never moves
    top = float(rng.normal())  # a top: steeper and steeper
    yield parabola(top, -1.0), top + float(rng.uniform(0.5, 1)), 0.3, 1e-3, 5
    yield parabola(0.0, 1.0), float(rng.uniform(1, 9) * 1e-7), 0.4, 1e-9, 40


def _runaways(rng):
    """Further and further out, until the slope is no number, or not yet; and none from the start.

    So steep that it is the slope that leaves the numbers, not x.
    """
    steep = float(rng.uniform(1, 9) * 1e10)
    for sign, rate in ((1, 20), (-1, 30), (1, 25)):
        start = float(sign * rng.uniform(1, 9) * 1e290)
        yield parabola(0.0, steep), start, rate / steep, 1e-3, 60
        yield parabola(0.0, steep), sign * 1e300, rate / steep, 1e-3, 9
    yield parabola(0.0, steep), start, rate / steep, 1e-3, 2
    yield parabola(0.0, 1.5), float(rng.uniform(1, 9)), float(rng.uniform(2, 3)), 1e-3, 12
    yield parabola(0.0, 1.5), float("nan"), 0.1, 1e-3, 12
    yield parabola(0.0, 1.5), float(rng.choice([-1, 1]) * float("inf")), 0.1, 1e-3, 0


def _one_slope_a_place(f, rng, right):
    """The derivative is asked once at each x, the last one included.

    Where the steps run out first, whether the last place is looked at is asked with the borders.
    """
    for args, expected in answered(right, islice(_descents(rng), 2)):
        counted, seen = watched(args[0])
        found = run(f, (counted, *args[1:]))
        wanted = int(expected[1]) + 1
        if len(seen) != wanted:
            raise Wrong(
                f"{describe_call(f, args)} asked for the derivative {len(seen)} times, expected "
                f"{wanted} times: once at each of the {wanted} places, the last one included"
            )
        wrong = compare(found, expected, names=right.returns)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}: {wrong}")


ASKED = Asked(
    "descend_until",
    value(0.5, _descents, says="where it ends, after how many steps, and why"),
    value(
        0.5,
        _borders,
        says="the borders: a slope of just the tolerance, just enough steps, none at all",
        atol=1e-14,
    ),
    value(0.5, _runaways, says="a slope that is no finite number"),
    Question("one derivative at each place", 0.5, _one_slope_a_place),
    returns=("x", "the step count", "the reason"),
)
