"""What `gradient_descent` is asked."""

from __future__ import annotations

import numpy as np

from helpers.checks import compare
from helpers.questions.base import Asked, Question, Wrong, run
from helpers.questions.derivatives.shared import curve
from helpers.questions.usual import calls, value


def _descents(rng):
    for steps in (1, 4, 9):
        _, derivative = curve(rng)
        yield derivative, float(rng.normal(1, 1)), float(rng.uniform(0.02, 0.1)), steps


def _zero_steps(f, rng, right):
    _, derivative = curve(rng)
    start, learning_rate = float(rng.normal(1, 1)), float(rng.uniform(0.02, 0.1))
    expected = np.array([start])
    wrong = compare(run(f, (derivative, start, learning_rate, 0)), expected)
    if wrong:
        raise Wrong(f"with steps = 0 the path is the start alone: {wrong}")


ASKED = Asked(
    "gradient_descent",
    value(3, _descents, says="every point of the path"),
    Question("no step, no move", 1, _zero_steps),
    calls(
        1,
        lambda derivative, start, learning_rate, steps: steps,
        _descents,
        says="one derivative a step",
    ),
)
