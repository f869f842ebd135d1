"""What `tensor_rules` is asked."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import numpy as np

from helpers.questions.base import Asked, different, parts, tiny
from helpers.questions.usual import exact, left_alone, value

OPERATIONS: dict[str, Callable] = {
    "+": lambda a, b: a + b,
    "*": lambda a, b: a * b,
    "@": lambda a, b: a @ b,
    "relu": lambda a: np.maximum(a, 0),
    "exp": np.exp,
    "log": np.log,
    "sum": np.sum,
}


def _shares(tensor_rules, operation, upstream, inputs, output):
    """One share for each input; where there is one input, its share alone."""
    names = ("the share of the first input", "the share of the second input")[: len(inputs)]
    shares = parts(tensor_rules, tensor_rules(operation, upstream, inputs, output), *names)
    return shares if len(shares) > 1 else shares[0]


def _signed(rng, shape):
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.2, 2, size=shape)


def _use(rng, operation, *inputs):
    """The arguments of one use, with a random upstream gradient of either sign, and one far off."""
    output = np.asarray(OPERATIONS[operation](*inputs))
    upstream = np.asarray(_signed(rng, output.shape))
    if upstream.size > 1:
        upstream.flat[rng.permutation(upstream.size)[:2]] = rng.uniform(10, 20, size=2) * [1, -1]
    return operation, upstream, list(inputs), output


def _far(rng, shape, zero=0.0):
    """Numbers of either sign; one is `zero`, and some are far from 0."""
    found = _signed(rng, shape)
    chosen = rng.permutation(found.size)[:3]
    found.flat[chosen] = np.array([zero, 12.0, -11.0])[: len(chosen)]
    return found


def _entry(rng, operation, shape):
    """One use of an operation that takes entry by entry, or adds them up; log's of a small one."""
    if operation in ("+", "*"):
        return _use(rng, operation, _far(rng, shape), _far(rng, shape))
    if operation == "exp":
        return _use(rng, operation, _signed(rng, shape))
    given = _far(rng, shape, zero=0.5 if operation == "relu" else 0.0)
    if operation == "log":
        given = abs(given) + rng.uniform(0.01, 0.05)
    return _use(rng, operation, given)


def _entrywise(rng):
    """Shapes with sizes that differ, square ones, vectors, single numbers; by columns, too.

    What relu does at 0 is asked by itself.
    """
    n, m = different(rng, 2, 2, 5)
    for shape in ((n, m), (m,)):
        yield from (_entry(rng, operation, shape) for operation in OPERATIONS if operation != "@")
    yield from (_entry(rng, operation, (3, 3)) for operation in ("+", "relu", "log"))
    yield from (_entry(rng, operation, (1, m)) for operation in ("*", "exp", "sum"))
    one, other = _far(rng, (m, n)).T, _far(rng, (m, n)).T
    for operation in ("+", "*"):
        operation, upstream, inputs, output = _use(rng, operation, one, other)
        yield operation, np.asfortranarray(upstream), inputs, output
    for operation in ("relu", "exp", "sum"):
        yield _use(rng, operation, np.array(_signed(rng, ())))
    for operation in ("+", "*"):
        yield _use(rng, operation, one, one)


def _at_zero(rng):
    """ReLU at 0, with an upstream gradient of either sign."""
    Z = np.array([0.0, 0.0, -1.0, 2.0]) * rng.uniform(0.5, 1.5)
    yield "relu", np.array([1.0, -2.0, 3.0, -4.0]), [Z], np.maximum(Z, 0)


def _spread(rng):
    """One of the two is repeated, or both are, with as many axes or with fewer."""
    n, m = different(rng, 2, 2, 5)
    for operation in ("+", "*"):
        for one, other in (
            ((n, m), (m,)),
            ((n, m), (n, 1)),
            ((1, m), (n, 1)),
            ((m,), (n, 1)),
            ((n, m), ()),
        ):
            yield _use(rng, operation, _signed(rng, one), np.asarray(_signed(rng, other)))
            yield _use(rng, operation, np.asarray(_signed(rng, other)), _signed(rng, one))


def _products(rng):
    """A batch of one, one inner size, one output; square ones; by columns in memory."""
    n, m, c = different(rng, 3, 2, 6)
    for sizes in ((n, m, c), (1, m, c), (n, 1, c), (n, m, 1), (3, 3, 3), (2, 2, 2)):
        yield _use(rng, "@", _signed(rng, sizes[:2]), _signed(rng, sizes[1:]))
    yield _use(rng, "@", _far(rng, (m, n)).T, _far(rng, (c, m)).T)


def _tiny(rng):
    for operation in ("+", "*", "relu", "exp", "log"):
        inputs = list(rng.uniform(0.2, 2, size=(2 if operation in "+*" else 1, 3, 4)))
        inputs[0][0, 0] = 1.0 if operation == "log" else tiny(rng)
        output = OPERATIONS[operation](*inputs)
        upstream = rng.uniform(0.2, 2, size=(3, 4))
        upstream[1] = tiny(rng, 4)
        yield operation, upstream, inputs, output


def _each_operation(rng):
    """Of matrices; broadcast, too."""
    n, m, c = different(rng, 3, 2, 5)
    yield from (_entry(rng, operation, (n, m)) for operation in OPERATIONS if operation != "@")
    yield from islice(_spread(rng), 2)
    yield _use(rng, "@", _signed(rng, (n, m)), _signed(rng, (m, c)))
    yield _use(rng, "@", _far(rng, (m, n)).T, _far(rng, (c, m)).T)


ASKED = Asked(
    "tensor_rules",
    value(2, _entrywise, drive=_shares, says="+, *, relu, exp, log and sum"),
    value(1, _at_zero, drive=_shares, says="relu hands nothing down at 0"),
    value(1, _spread, drive=_shares, says="broadcasting is undone"),
    value(2, _products, drive=_shares, says="the matrix product"),
    exact(1, _tiny, drive=_shares),
    left_alone(
        1,
        _each_operation,
        drive=_shares,
        says="upstream, inputs and output are left as they were",
    ),
    returns=("the first input's share", "the second input's share"),
)
