"""What `loss_and_gradients` is asked."""

from __future__ import annotations

from itertools import pairwise
from operator import is_not

from helpers._findings import outermost
from helpers.checks import name_of
from helpers.questions.backprop.shared import keeping_network, network_of, row_of
from helpers.questions.base import Asked, Wrong, different, parts
from helpers.questions.usual import exact, kinds, left_alone, value


def _of(loss_and_gradients, network, X, Y):
    layers = sum(hasattr(module, "weights") for module in network)
    found = loss_and_gradients(network, X, Y)
    loss, gradients = parts(loss_and_gradients, found, "loss", "gradients")
    gradients = outermost(gradients)
    if type(gradients) not in (tuple, list):
        raise Wrong(f"the second of what is returned is {type(gradients).__name__}, not a list")
    if len(gradients) != layers:
        due = f"modules with `weights` in this network: {layers}"
        raise Wrong(f"gradients in the list: {len(gradients)}; {due}")
    return loss, *gradients


def _two_layers(loss_and_gradients, first, last, X, Y):
    return _of(loss_and_gradients, network_of([first, last]), X, Y)


def _others(loss_and_gradients, weights, in_a_row, X, Y, more_X, more_Y):
    """One layer, or three; and again with other examples, another number of them.

    in_a_row: modules without weights stand not between the layers, but before and behind them; the
    last one keeps what it has said.
    """
    network = row_of(weights) if in_a_row else network_of(weights)
    found = _of(loss_and_gradients, list(network), X, Y)
    return *found, *_of(loss_and_gradients, list(network), more_X, more_Y)


def _kept(loss_and_gradients, first, last, X, Y):
    """The loss of the second call; the weights have to be those that they were."""
    network = network_of([first, last])
    weights = [network[0].weights, network[2].weights]
    keeping_network(loss_and_gradients, network, X, Y)
    if any(map(is_not, weights, [network[0].weights, network[2].weights])):
        raise Wrong(f"{name_of(loss_and_gradients)} takes a step: the weights stay as they are")
    return _of(loss_and_gradients, network, X, Y)


def _batches(rng):
    """n, m, h and c differ; of one example, too, and of one output; targets near and far."""
    n, m, h, c = different(rng, 4, 2, 6)
    for size, outputs, far in ((n, c, 1), (1, c, 1), (n, 1, 100)):
        yield (
            rng.normal(size=(m + 1, h)),
            rng.normal(size=(h + 1, outputs)),
            rng.normal(size=(size, m)),
            rng.normal(0, far, size=(size, outputs)),
        )
    for _ in range(2):  # the same sizes twice
        weights = rng.normal(size=(2, 3, 2))
        yield *weights, rng.normal(size=(2, 2)).T, rng.normal(size=(2, 2)).T
    yield rng.normal(size=(m + 1, m)), rng.normal(size=(m + 1, 2)), *_classes(rng, m)


def _classes(rng, m):
    """An example of zeros, two inputs that are the same, and targets of 0 and 1; in the shapes of
    the two gradients.
    """
    n = m + 1
    X = rng.normal(size=(n, m))
    X[0] = 0.0
    X[:, 1] = X[:, 0]
    return X, rng.permuted([[0.0, 1.0]] * n, axis=1)


def _small_errors(rng):
    """One output is so near its targets that squares of what is missing are tiny."""
    n, m, h, c = different(rng, 4, 2, 6)
    last = rng.normal(size=(h + 1, c))
    last[:, 0] = rng.uniform(0.2, 1, size=h + 1) * 1e-150
    Y = rng.normal(size=(n, c))
    Y[:, 0] = 0.0
    yield rng.uniform(0.2, 1, size=(m + 1, h)), last, rng.uniform(0.2, 1, size=(n, m)), Y


def _small(rng):
    n, m, h, c = different(rng, 4, 2, 6)
    yield tuple(rng.normal(size=s) for s in ((m + 1, h), (h + 1, c), (n, m), (n, c)))


def _long(rng):
    for sizes in ([3, 2], [2, 3, 4, 2]):
        weights = [rng.normal(size=(m + 1, c)) for m, c in pairwise(sizes)]
        one, other = ([rng.normal(size=(n, k)) for k in (sizes[0], sizes[-1])] for n in (5, 3))
        for in_a_row in (False, True):
            yield weights, in_a_row, *one, *other


ASKED = Asked(
    "loss_and_gradients",
    value(2, _batches, drive=_two_layers, says="the loss, and the gradient of both layers"),
    value(1, _long, drive=_others, says="one layer, three layers, other examples", returns=()),
    exact(1, _small_errors, drive=_two_layers, rtol=1e-9),
    left_alone(1, _batches, drive=_kept, says="network, weights, X and Y are left as they were"),
    kinds(1, _small, integers=(2, 3), drive=_two_layers),
    returns=("the loss", "the first layer's gradient", "the last layer's gradient"),
)
