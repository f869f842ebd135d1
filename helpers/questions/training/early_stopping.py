"""What `early_stopping` is asked."""

from __future__ import annotations

from itertools import islice

import numpy as np

from helpers.questions.backprop.shared import keeping_network
from helpers.questions.base import Asked, Wrong, travels
from helpers.questions.usual import arrays, value


@travels
class Layer:
    """A module with weights."""

    def __init__(self, weights):
        self.weights = weights


@travels
class Bend:
    """A module without weights."""


class _Training:
    """A network whose weights say how often it was trained, and its planned losses."""

    def __init__(self, planned):
        self.planned = planned
        self.layers = [Layer(np.zeros((2, 3))), Layer(np.full((3, 3), 2.0)), Layer(np.ones((4, 1)))]
        first, middle, last = self.layers
        self.network = [first, Bend(), middle, last]
        self.epochs = self.asked = 0

    def epoch(self):
        self.epochs += 1
        for layer in self.layers:
            layer.weights = layer.weights + 1.0

    def loss(self):
        self.asked += 1
        now = int(np.asarray(self.layers[0].weights)[0, 0])
        return float(self.planned[min(now, len(self.planned) - 1)])


def _train(early_stopping, planned, patience, limit):
    """The training, when it is over, and what was returned."""
    training = _Training(planned)
    losses = early_stopping(training.network, training.epoch, training.loss, patience, limit)
    return training, losses


def _ends(early_stopping, planned, patience, limit):
    """The losses; the weights of all layers at the end; how many epochs there were."""
    training, losses = _train(early_stopping, planned, patience, limit)
    first, middle, last = (layer.weights for layer in training.layers)
    return losses, first, middle, last, training.epochs


def _losses(early_stopping, planned, patience, limit):
    """What was returned, alone."""
    return _train(early_stopping, planned, patience, limit)[1]


def _asked_once(early_stopping, planned, patience, limit):
    """How often the loss was asked for, and how many epochs there were."""
    training, _ = _train(early_stopping, planned, patience, limit)
    return training.asked, training.epochs


def _with_its_list(early_stopping, planned, patience, limit):
    """The losses; the list of modules has to be the same afterwards."""
    training = _Training(planned)
    given = training.epoch, training.loss, patience, limit
    losses = keeping_network(early_stopping, training.network, *given)
    if hasattr(training.network[1], "weights"):
        raise Wrong("a module that has no weights was given an attribute `weights`")
    return losses


def _falling(rng, count):
    """Positive losses that fall."""
    return np.sort(rng.uniform(1, 5, size=count))[::-1]


def _plans(rng):
    """It climbs for good; it climbs and comes back in time, or too late; it only falls."""
    for patience in (1, 3):
        down = _falling(rng, 4)
        up = down[-1] + rng.uniform(0.1, 2, size=9)
        yield np.concatenate([down, up]), patience, 9
        again = np.concatenate([down, up[: patience - 1], [0.5, 0.6], up])
        yield again, patience, 11
        late = np.concatenate([down, up[:patience], [0.4], up])
        yield late, patience, 11
    yield 3.0 * _falling(rng, 8), 2, int(rng.integers(4, 7))
    yield 3.0 * _falling(rng, 8), 2, 5
    yield 3.0 * _falling(rng, 8), 2, 5
    zigzag = np.tile([4.0, 3.0], 6) + rng.uniform(0, 1, size=12)  # lower than the one before
    for count in (1, 9):  # epochs until the lowest
        yield np.concatenate([6.0 + _falling(rng, count), [2.0], zigzag]), 4, 20


def _few_plans(rng):
    """For what does not depend on the plan: it climbs with patience 3, and it only falls."""
    yield from islice(_plans(rng), 3, 7)


def _two_plans(rng):
    """For what does not depend on how often it waits either."""
    yield from islice(_plans(rng), 5, 7)


def _odd(rng):
    """The start is best; no epoch at all; the limit comes while waiting; equal losses; nan."""
    start = np.concatenate([[0.5], rng.uniform(1, 2, size=9)])
    yield start, 3, 9
    yield start, 2, 0
    yield np.array([2.0, 1.0, 1.5, 1.6, 1.7, 1.8]), 9, 4
    yield np.array([2.0, 1.0, 1.0, 1.0, 1.0, 0.5]), 2, 5
    yield np.array([2.0, 1.0, np.nan, np.nan, 0.5, np.nan, np.nan, np.nan, 0.1]), 3, 8
    yield np.array([3.0, 2.0, 1.0, 2.0]), 1, 1
    yield np.concatenate([_falling(rng, 4) - 60.0, [3.0, 2.0, 1.0]]), 2, 6
    yield 1e-9 * np.concatenate([_falling(rng, 4), [30.0, 20.0, 10.0]]), 2, 6


_RETURNS = (
    "the losses",
    "the first layer's weights at the end",
    "the second layer's weights at the end",
    "the last layer's weights at the end",
    "the number of epochs",
)

ASKED = Asked(
    "early_stopping",
    value(
        2,
        _plans,
        drive=_ends,
        returns=_RETURNS,
        keeps=True,
        says="stops in time, and goes back",
        rtol=1e-12,
    ),
    value(
        2, _odd, drive=_ends, returns=_RETURNS, says="the start, the limit, equals, nan", rtol=1e-12
    ),
    value(
        1,
        _few_plans,
        drive=_asked_once,
        returns=("the calls of loss", "the number of epochs"),
        says="the loss is computed once after each epoch",
    ),
    arrays(1, _two_plans, drive=_losses, says="the losses come in an array", rtol=1e-12),
    value(1, _two_plans, drive=_with_its_list, says="the list of modules is left as it was"),
)
