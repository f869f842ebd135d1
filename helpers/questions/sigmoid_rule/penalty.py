"""What `penalty` is asked."""

from __future__ import annotations

import numpy as np

from helpers.checks import call, compare
from helpers.questions.base import Asked, Question, Wrong, answered, different, parts, run, tiny
from helpers.questions.usual import exact, kinds, left_alone, value


def _weights(rng):
    for m in different(rng, 3):
        signs = np.resize([1.0, -1.0], m)
        yield (
            signs * rng.uniform(0.3, 2, size=m),
            float(rng.uniform(0.1, 1)),
            float(rng.uniform(0.1, 1)),
        )


def _zeros(rng):
    w = rng.permutation([0.0, -2.0, 0.0, 3.0]) * rng.uniform(0.5, 1.5, size=4)
    w, l1, l2 = np.append(w, rng.normal()), float(rng.uniform(0.1, 1)), float(rng.uniform(0.1, 1))
    yield from ((w, l1, l2), (w, 0.0, l2), (w, l1, 0.0), (w[-1:], l1, l2))
    yield 20 * w, l1, float(rng.uniform(1, 2))


def _tiny_strengths(rng):
    """One weight is nan, which is no matter of the others."""
    for w, _, _ in _weights(rng):
        w = np.abs(w)
        if len(w) > 2:
            w[rng.integers(len(w) - 1)] = np.nan
        yield w, float(tiny(rng)), float(tiny(rng))


def _large_biases(rng):
    """So large that the digits of the others are lost in any sum that has it."""
    for w, l1, l2 in _weights(rng):
        yield np.append(w[:-1], 1e12 * w[-1]), l1, l2


def _bias(f, rng, right):
    (usual, *_), (large, *_) = _weights(rng), _large_biases(rng)
    (_, (_, expected)), (_, (size, _)) = answered(right, [usual, large])
    _, gradient = parts(f, run(f, usual), "the penalty", "its gradient")
    wrong = compare(gradient, expected)
    if wrong or call(lambda: gradient[-1]).value != 0:
        raise Wrong("the last weight is the bias: it adds nothing, and its gradient is 0")
    penalty, _ = parts(f, run(f, large), "the penalty", "its gradient")
    wrong = compare(penalty, size)
    if wrong:
        raise Wrong(f"the penalty with a bias of {large[0][-1]:.3g}, which is in no sum: {wrong}")


ASKED = Asked(
    "penalty",
    value(1, _weights, says="the penalty and its gradient"),
    exact(1, _tiny_strengths),
    value(
        1, _zeros, says="weights of 0, which L1 pulls neither way; a strength of 0; a bias alone"
    ),
    Question("the bias is left out", 1, _bias),
    left_alone(1, _weights, says="w and earlier results are left as they were"),
    kinds(1, _weights, integers=(0, 1, 2), scaled=(0,)),
    returns=("the penalty", "its gradient"),
)
