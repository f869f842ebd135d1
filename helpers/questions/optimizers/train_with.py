"""What `train_with` is asked."""

from __future__ import annotations

import copy
from itertools import islice

import numpy as np

from helpers._findings import changed, same
from helpers.checks import name_of
from helpers.questions.base import Asked, Wrong, different, parts
from helpers.questions.optimizers.shared import rule_that_rests, rule_with_memory
from helpers.questions.usual import calls, value


def rule_without_memory(w, gradient, state, learning_rate=0.1, alpha=0.0):
    """A rule that remembers nothing."""
    return w - learning_rate * gradient, state


def _loss(rng, shapes, n, steep=1.0):
    """The gradients of a loss in which every parameter feels every other, and each example counts.

    Returned in a list, as the parameters.
    """
    centres = [rng.normal(size=(n, *shape)) for shape in shapes]
    curvatures = [rng.uniform(0.5, 2, size=shape) for shape in shapes]

    def gradient(parameters, batch):
        pull = 0.1 * sum(float(np.mean(w)) for w in parameters)
        return [
            steep * (c * (w - np.mean(centre[np.asarray(batch)], axis=0)) + pull)
            for c, w, centre in zip(curvatures, parameters, centres, strict=True)
        ]

    return gradient


def _batches(rng, n, size):
    order = rng.permutation(n)
    return [order[k : k + size] for k in range(0, n, size)]


def _call(train_with, rule, gradient, parameters, states, batches, settings):
    count = len(parameters)
    found = train_with(rule, gradient, parameters, states, batches, **settings)
    new, after = parts(train_with, found, "new parameters", "new states")
    for what, given in (("parameters", new), ("states", after)):
        if not isinstance(given, list | tuple) or len(given) != count:
            text = f"the new {what} should be a list of {count}, one for each parameter"
            raise Wrong(f"{name_of(train_with)}: {text}")
    return list(new), list(after)


def _epochs(train_with, rule, gradient, parameters, states, epochs, settings):
    """The parameters after each epoch; what one returns goes into the next."""
    found: list[np.ndarray] = []
    for batches in epochs:
        parameters, states = _call(
            train_with, rule, gradient, parameters, states, batches, settings
        )
        found += map(np.array, parameters)  # the next epoch may write into them
    return tuple(found)


def _kept(train_with, rule, gradient, parameters, states, epochs, settings):
    """What parameters hold after a call, and another that is given what the first returned."""
    for batches in epochs:
        given = {"parameters": parameters, "states": states, "batches": batches}
        before = copy.deepcopy(given)
        new = _call(train_with, rule, gradient, parameters, states, batches, settings)
        for name, held in given.items():
            if not same(before[name], held):
                raise Wrong(changed(name_of(train_with), name, given=True))
        parameters, states = new
    return tuple(parameters)


def _runs(rng):
    """Two parameters, one, three of which two are of one shape, and two; a rule that remembers, and
    one that does not.
    """
    a, b, c = different(rng, 3, 2, 6)
    for shapes, rule in (
        (((a, b), (c,)), rule_with_memory),
        (((b,),), rule_with_memory),
        (((a,), (b, c), (a,)), rule_with_memory),
        (((a, a), (a, a)), rule_without_memory),
    ):
        n = int(rng.integers(5, 9))
        parameters = [rng.normal(size=shape) for shape in shapes]
        parameters[0].flat[0] = 0.0
        epochs = [_batches(rng, n, 3) for _ in range(2)]
        states: list[dict] = [{} for _ in shapes]
        settings = {"learning_rate": float(rng.uniform(0.1, 0.5))}
        yield rule, _loss(rng, shapes, n), parameters, states, epochs, settings


def _two_runs(rng):
    return islice(_runs(rng), 2)


def _odd(rng):
    """No batch, one alone, batches of one; no settings; states that were begun; whole numbers; a
    rule that rests, that forgets, that moves where all is flat.
    """
    a, b = different(rng, 2, 2, 6)
    for sizes in (None, 5, 1):
        parameters = [rng.normal(size=(a, b)), 40 * rng.normal(size=b)]
        epochs = [_batches(rng, 5, sizes)] if sizes else [[]]
        settings = {"alpha": 0.8} if sizes == 5 else {}
        begun = [{"v": rng.normal(size=w.shape), "n": k + 3} for k, w in enumerate(parameters)]
        yield rule_with_memory, _loss(rng, ((a, b), (b,)), 5), parameters, begun, epochs, settings
    parameters = [rng.normal(size=a), rng.normal(size=(b, a))]
    for rule, steep, rate in (
        (rule_that_rests, 1.0, 0.3),
        (rule_that_rests, 0.0, 0.3),
        (rule_with_memory, 1.0, 1e-9),
        (rule_that_rests, 1.0, -50.0),
    ):
        loss, settings = _loss(rng, ((a,), (b, a)), 5, steep), {"learning_rate": rate}
        yield rule, loss, copy.deepcopy(parameters), [{}, {}], [_batches(rng, 5, 1)], settings
    parameters[0][0] = 0.0
    for steep, rate in ((1.0, 0.0), (1e-5, 3e4)):
        loss, settings = _loss(rng, ((a,), (b, a)), 5, steep), {"learning_rate": rate}
        yield (
            rule_with_memory,
            loss,
            copy.deepcopy(parameters),
            [{}, {}],
            [_batches(rng, 5, 2)],
            settings,
        )
    alike = [np.full(a, rng.normal()), np.full((b, 2), rng.normal())]
    still = {"learning_rate": 0.0}
    loss = _loss(rng, ((a,), (b, 2)), 6)
    yield rule_with_memory, loss, alike, [{}, {}], [_batches(rng, 6, 2)], still
    whole = [rng.integers(1, 9, size=a), rng.integers(1, 9, size=(b, 2))]
    loss = _loss(rng, ((a,), (b, 2)), 6)
    yield rule_with_memory, loss, whole, [{}, {}], [_batches(rng, 6, 2)], {}


ASKED = Asked(
    "train_with",
    value(3, _runs, drive=_epochs, says="the parameters after two epochs", rtol=1e-9),
    value(
        1, _odd, drive=_epochs, says="no batch, one, all of them; states begun before", rtol=1e-9
    ),
    calls(
        1,
        lambda rule, gradient, parameters, states, epochs, settings: sum(map(len, epochs)),
        _two_runs,
        which=1,
        drive=_epochs,
        says="one call of gradient for each batch",
    ),
    value(1, _two_runs, drive=_kept, says="parameters, states and batches are left as they were"),
)
