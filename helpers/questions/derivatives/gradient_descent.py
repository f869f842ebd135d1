"""What `gradient_descent` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.derivatives.shared import curve, parabola
from helpers.questions.usual import calls, value


def _descents(rng):
    for steps in (1, 4, 9):
        _, derivative = curve(rng)
        yield derivative, float(rng.normal(1, 1)), float(rng.uniform(0.02, 0.1)), steps
    top = float(rng.normal())  # from here on it is steeper and steeper
    yield parabola(top, -1.0), top + float(rng.uniform(0.5, 1)), float(rng.uniform(0.1, 0.4)), 3


def _all_steps(rng):
    """None at all; where the ground is flat, and nearly flat; outwards, and far; very many."""
    for steps in (0, 3):
        _, derivative = curve(rng)
        yield derivative, float(rng.normal(1, 1)), 0.0 if steps else 0.05, steps
    bottom, bend = float(rng.normal(0, 3)), float(rng.uniform(0.5, 2))
    yield parabola(bottom, bend), bottom, 0.1, 5
    yield parabola(0.0, bend), float(rng.uniform(1, 9) * 1e-9), 0.2 / bend, 8
    for start, steps in ((3.0, 6), (-800.0, 9)):
        yield (
            parabola(0.0, bend),
            start * float(rng.uniform(1, 2)),
            float(rng.uniform(2.2, 3)) / bend,
            steps,
        )
    yield parabola(0.0, bend), float(rng.uniform(1, 2)), 3 / bend, 60  # to 1e18
    yield parabola(bottom, bend), bottom + float(rng.uniform(1, 2)), 0.02 / bend, 150


def _whole_starts(rng):
    """Whole starts, and 0; a whole rate; a walk that is lost on its way, where the slope is inf.

    Some have as many steps as the one before.
    """
    for steps in (3, 0, 6):
        _, derivative = curve(rng)
        start = int(rng.choice([-3, -2, -1, 1, 2, 3]))
        yield (
            derivative,
            np.int64(start) if steps == 6 else start,
            float(rng.uniform(0.02, 0.1)),
            steps,
        )
    bottoms = rng.uniform(0.5, 2, size=2) * [1, -1]
    yield parabola(float(bottoms[0]), 0.7), 0.0, float(rng.uniform(0.1, 0.5)), 4
    yield parabola(float(bottoms[1]), 0.7), float(rng.uniform(3, 4)), 1, 4
    yield curve(rng)[1], float(rng.normal(1, 1)), 0.05, 4
    steep = float(rng.uniform(1, 9) * 1e10)  # so that the slope leaves the numbers before x does
    yield parabola(0.0, steep), 1e290, 1e10 / steep, 4


def _asked(rng):
    """Where it is flat, too: a slope is asked for at each step there as well."""
    yield from _descents(rng)
    bottom = float(rng.normal(0, 3))
    yield parabola(bottom, float(rng.uniform(0.5, 2))), bottom, 0.1, 5


ASKED = Asked(
    "gradient_descent",
    value(2, _descents, says="every point of the path"),
    value(
        1,
        _all_steps,
        says="as many steps as are asked for: none, on flat ground, far out, a long way",
        atol=1e-12,
        relative=True,
    ),
    value(
        1,
        _whole_starts,
        says="from a whole number or 0, with a whole rate, and where it is lost; each path in an "
        "array of its own",
        keeps=True,
    ),
    calls(
        1,
        lambda derivative, start, learning_rate, steps: steps,
        _asked,
        says="one derivative a step, on flat ground too",
    ),
)
