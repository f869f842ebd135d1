"""What `regularised_loss` is asked."""

from __future__ import annotations

import numpy as np

from helpers.checks import call, compare
from helpers.questions.base import Asked, Question, Wrong, answered, parts, run
from helpers.questions.sigmoid_rule.shared import (
    certain,
    classes,
    dear_too,
    tiny_classes,
    undecided,
    unlikely,
)
from helpers.questions.usual import exact, kinds, left_alone, silent, value


def _penalised(probes):
    """The same with the bias as the last weight, and with strengths."""

    def both(rng):
        for w, b, X, y in probes(rng):
            l1, l2 = (float(strength) for strength in rng.uniform(0.1, 1, size=2))
            yield np.append(w, b), X, y, l1, l2

    return both


_all, _sure, _doubtful = _penalised(classes), _penalised(certain), _penalised(undecided)


def _tiny(rng):
    """What is tiny belongs to a weight of 0, which no penalty pulls."""
    yield from _penalised(tiny_classes)(rng)


def _zeros(rng):
    w, X, y, l1, l2 = next(iter(_doubtful(rng)))
    yield from ((w, X, y, 0.0, l2), (w, X, y, l1, 0.0), (w, X, y, 0.0, 0.0))
    yield 0 * w, X, y, l1, l2
    yield np.append(10 * w[:-1], w[-1]), 0.1 * X, y, l1, l2
    y = rng.permutation([0.0, 0.0, 1.0, 1.0])  # as many examples as weights
    yield rng.normal(size=4), rng.normal(size=(4, 3)), y, l1, l2
    yield from _doubted(rng)


def _doubted(rng):
    """Nearly certain, and wrong: what a loss kept finite by much would hide."""
    X, w = unlikely(rng, 3, 2)
    yield np.append(w, 0.0), X, np.ones(3), 0.0, float(rng.uniform(0.1, 1))


def _mistaken(regularised_loss, score):
    """The loss of one certain mistake, without a penalty."""
    given = np.array([score, 0.0]), np.array([[1.0]]), np.array([0.0]), 0.0, 0.0
    loss, _ = parts(regularised_loss, run(regularised_loss, given), "the loss", "its gradient")
    return loss


def _bias(f, rng, right):
    for args, (_, expected) in answered(right, list(_doubtful(rng))[:2]):
        _, gradient = parts(f, run(f, args), "the loss", "its gradient")
        bias = call(lambda gradient=gradient: np.asarray(gradient)[-1:])
        wrong = bias.error or compare(bias.value, expected[-1:])
        if wrong:
            raise Wrong(f"the last entry of the gradient belongs to the bias, unpenalised: {wrong}")


ASKED = Asked(
    "regularised_loss",
    value(1, _all, says="the loss and its gradient"),
    value(1, _zeros, says="without the one or the other penalty; weights of 0"),
    exact(1, _tiny),
    Question("the bias has a gradient, and no penalty", 1, _bias),
    dear_too(silent(1, _sure, free=True, says="finite and silent where σ is 0 or 1"), _mistaken),
    left_alone(1, _all, says="w, X, y and earlier results are left as they were"),
    kinds(1, _doubtful, integers=(1, 2, 3, 4)),
    returns=("the loss", "its gradient"),
)
