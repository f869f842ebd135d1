"""What `gradient_descent` is asked."""

from __future__ import annotations

import numpy as np

from helpers.checks import compare
from helpers.questions.base import Asked, Question, Wrong, run, value
from helpers.questions.derivatives.shared import curve


def _descents(rng):
    for steps in (1, 4, 9):
        _, derivative = curve(rng)
        yield derivative, float(rng.normal(1, 1)), float(rng.uniform(0.02, 0.1)), steps


def _zero_steps(f, rng, right):
    start = float(rng.normal())
    expected = np.array([start])
    wrong = compare(run(f, (lambda x: 2 * x, start, 0.1, 0)), expected)
    if wrong:
        raise Wrong(f"with steps = 0 the path is the start alone: {wrong}")


def _one_call_a_step(f, rng, right):
    calls = []

    def counted(x):
        calls.append(x)
        return 2 * x

    run(f, (counted, 1.0, 0.1, 7))
    if len(calls) != 7:
        raise Wrong(f"7 steps need 7 derivatives; yours asked for {len(calls)}")


ASKED = Asked(
    "gradient_descent",
    value(3, _descents, says="every point of the path"),
    Question("no step, no move", 1, _zero_steps),
    Question("one derivative a step", 1, _one_call_a_step),
)
