"""What `one_epoch` is asked."""

from __future__ import annotations

import copy
from itertools import pairwise

import numpy as np

from helpers._findings import changed, same
from helpers.checks import name_of
from helpers.questions.backprop.shared import keeping_network, network_of
from helpers.questions.backprop.train_epoch import loss_gradient as of_squares
from helpers.questions.base import Asked, Wrong, different
from helpers.questions.optimizers.shared import rule_with_memory
from helpers.questions.usual import left_alone, value


def _states(one_epoch, found, network):
    if not isinstance(found, list | tuple) or len(found) != len(network):
        raise Wrong(
            f"{name_of(one_epoch)} should return a list of {len(network)} states, one for each "
            "module"
        )
    return list(found)


def _after(one_epoch, weights, X, Y, batch_size, seed, settings):
    """The weights after two epochs, and the sizes of the batches."""
    network = network_of(weights)
    sizes = []

    def loss_gradient(output, Y):
        sizes.append(len(output))
        return of_squares(output, Y)

    states: list[dict] = [{} for _ in network]
    rng = np.random.default_rng(seed)
    for _ in range(2):
        states = _states(
            one_epoch,
            one_epoch(
                list(network),
                rule_with_memory,
                copy.deepcopy(states),
                loss_gradient,
                X.copy(),
                Y.copy(),
                batch_size,
                rng,
                **settings,
            ),
            network,
        )
    return {f"layer {k}": layer.weights for k, layer in enumerate(network[::2])}, np.array(sizes)


def _begun(one_epoch, weights, X, Y, batch_size, seed, settings):
    """States that have seen something, and what they hold afterwards."""
    network = network_of(weights)
    rng = np.random.default_rng(seed)
    states = [
        {"v": rng.normal(size=module.weights.shape), "n": k + 1} if k % 2 == 0 else {}
        for k, module in enumerate(network)
    ]
    given = of_squares, X, Y, batch_size, rng
    after = _states(
        one_epoch,
        one_epoch(list(network), rule_with_memory, states, *given, **settings),
        network,
    )
    return (
        {f"layer {k}": layer.weights for k, layer in enumerate(network[::2])},
        after[::2],
        after[1::2],
    )


def _lists(one_epoch, weights, X, Y, batch_size, seed, settings):
    """The two lists and what is in the states have to be the same afterwards."""
    network = network_of(weights)
    states = [
        {"v": np.ones(module.weights.shape), "n": 2} if k % 2 == 0 else {}
        for k, module in enumerate(network)
    ]
    before, rng = copy.deepcopy(states), np.random.default_rng(seed)
    given = rule_with_memory, states, of_squares, X, Y, batch_size, rng
    keeping_network(one_epoch, network, *given, **settings)
    if not same(states, before):
        raise Wrong(changed(name_of(one_epoch), "states", given=True))
    return network[0].weights


def _drawn(rng, sizes, n, batch_size, settings):
    weights = [rng.normal(size=(m + 1, c)) for m, c in pairwise(sizes)]
    X, Y = rng.normal(size=(n, sizes[0])), rng.normal(size=(n, sizes[-1]))
    return weights, X, Y, batch_size, int(rng.integers(1000)), settings


def _epochs(rng):
    """The last batch is short by more than one; all in one batch; one example at a time."""
    m, h, c = different(rng, 3, 2, 5)
    for n, batch_size in ((13, 4), (9, 3), (7, 7), (5, 1), (6, 50)):
        rate = {"learning_rate": float(rng.uniform(0.05, 0.3))}
        yield _drawn(rng, (m, h, c), n, batch_size, rate)


def _odd(rng):
    """One layer, and four; no settings, and two."""
    a, b = different(rng, 2, 2, 5)
    yield _drawn(rng, (a, b), 8, 3, {})
    yield _drawn(rng, (2, 3, 2, 4, a), 8, 5, {"alpha": 0.9, "learning_rate": 0.05})
    yield _drawn(rng, (b, b, b), 9, 4, {"alpha": 0.0})
    weights, X, Y, *rest = _drawn(rng, (a, b), 8, 3, {"learning_rate": 20.0})
    whole = [np.asfortranarray(rng.integers(-9, 9, size=table.shape)) for table in (X, Y)]
    yield weights, *whole, *rest
    yield weights, 1e-6 * X, 1e-6 * Y, *rest
    equal = _drawn(rng, (5, 2), 8, 3, {"alpha": 0.0})
    equal[1][:, :2] = 0.0  # two rows of the gradient are the same
    yield equal


ASKED = Asked(
    "one_epoch",
    value(
        4,
        _epochs,
        drive=_after,
        returns=("the weights of the layers", "the sizes of the batches"),
        says="the weights after two epochs",
        rtol=1e-9,
    ),
    value(
        1,
        _odd,
        drive=_begun,
        returns=(
            "the weights of the layers",
            "the states of the layers",
            "the states of the modules without weights",
        ),
        keeps=True,
        says="long networks, other settings, states begun before",
        rtol=1e-9,
    ),
    left_alone(1, _epochs, drive=_begun, says="X, Y and the old weights are left as they were"),
    value(1, _odd, drive=_lists, says="the two lists are left as they were", rtol=1e-9),
)
