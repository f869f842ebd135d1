"""What `penalty` is asked."""

from __future__ import annotations

import numpy as np

from helpers.checks import call, compare
from helpers.questions.base import Asked, Question, Wrong, different, kinds, parts, run, value


def _weights(rng):
    for m in different(rng, 3):
        signs = np.resize([1.0, -1.0], m)
        yield (
            signs * rng.uniform(0.3, 2, size=m),
            float(rng.uniform(0.1, 1)),
            float(rng.uniform(0.1, 1)),
        )


def _zeros(rng):
    yield np.array([0.0, -2.0, 0.0, 3.0]), 0.5, 0.25


def _bias(f, rng, right):
    w = np.array([1.0, -2.0, 5.0])
    _, expected = right(w.copy(), 0.3, 0.2)
    _, gradient = parts(f, run(f, (w, 0.3, 0.2)), "the penalty", "its gradient")
    wrong = compare(gradient, expected)
    if wrong or call(lambda: gradient[-1]).value != 0:
        raise Wrong("the last weight is the bias: it adds nothing, and its gradient is 0")


ASKED = Asked(
    "penalty",
    value(3, _weights, says="the penalty and its gradient"),
    value(1, _zeros, says="at a weight of 0, L1 pulls neither way"),
    Question("the bias is left out", 1, _bias),
    kinds(1, _weights, scaled=(0,)),
    returns=("the penalty", "its gradient"),
)
