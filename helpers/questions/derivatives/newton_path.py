"""What `newton_path` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.derivatives.shared import slope_and_bend
from helpers.questions.usual import calls, value


def _paths(rng):
    """Curves that bend up or down everywhere; from both sides; a whole start, and 0."""
    for k, steps in enumerate((1, 3, 5, 4)):
        bend = float((-1) ** k * rng.uniform(1, 2))
        functions = slope_and_bend(float(rng.uniform(-0.6, 0.6)), bend, float(rng.normal()))
        yield *functions, float(rng.normal(0, 3)), steps
    for start in (0, int(rng.choice([-3, -2, 2, 3])), 0.0):
        functions = slope_and_bend(float(rng.uniform(-0.6, 0.6)), 1.5, float(rng.normal()))
        yield *functions, start, 3


def _ends(rng):
    """A parabola, where one step is enough, far out as well, and a very flat one; its bottom; no
    step at all.
    """
    for bottom in (float(rng.uniform(8, 20)), -float(rng.uniform(8, 20))):
        for start in (bottom + float(rng.uniform(1, 9)) * 1e4, bottom):
            yield *slope_and_bend(0.0, float(rng.uniform(0.5, 3)), bottom), start, 4
    yield *slope_and_bend(0.0, 1e-9, bottom), bottom + float(rng.uniform(1, 9)), 4
    yield *slope_and_bend(0.3, 1.0, bottom), float(rng.normal()), 0


def _asked(rng):
    """From the bottom, too: a bend is asked for at each step there as well."""
    yield from _paths(rng)
    bottom = float(rng.uniform(8, 20))
    yield *slope_and_bend(0.0, float(rng.uniform(0.5, 3)), bottom), bottom, 4


ASKED = Asked(
    "newton_path",
    value(2, _paths, says="every point of the path"),
    value(
        1,
        _ends,
        says="a parabola in one step; no step at all; each path in an array of its own",
        keeps=True,
    ),
    calls(
        1,
        lambda derivative, second_derivative, start, steps: steps,
        _asked,
        which=1,
        says="one second derivative a step, from the bottom too",
    ),
)
