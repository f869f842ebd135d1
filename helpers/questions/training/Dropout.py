"""What `Dropout` is asked."""

from __future__ import annotations

import numpy as np

from helpers._findings import changed
from helpers.checks import compare, describe, name_of
from helpers.questions.base import Asked, Question, Wrong, different, numbers, run
from helpers.questions.training.shared import probably

OFTEN = 12
"""Calls of which two differ in how many are struck out, but for once in 10¹⁹ times."""


def _module(Dropout, rate, seed, training=True):
    module = Dropout(rate, np.random.default_rng(seed))
    if not training:
        module.training = False
    return module


def _forward(Dropout, rate, X, seed, training=True):
    return _module(Dropout, rate, seed, training).output(X.copy())


def _twice(Dropout, rate, X, seed):
    module = _module(Dropout, rate, seed)
    first = np.array(module.output(X.copy()))
    return first, module.output(X.copy())


def _often(Dropout, rate, X, seed):
    """Many outputs of one module."""
    module = _module(Dropout, rate, seed)
    return [numbers(np.array(module.output(X.copy()))) for _ in range(OFTEN)]


def _there_and_back(Dropout, rate, X, error, seed):
    """With an output before, whose factors are others."""
    module = _module(Dropout, rate, seed)
    module.output(X.copy())
    return module.output(X.copy()), module.backprop(error.copy())


def _off(Dropout, rate, X, error, seed):
    """In evaluation; then in training, and once more in evaluation."""
    module = _module(Dropout, rate, seed, training=False)
    found = [module.output(X.copy()), module.backprop(error.copy())]
    module.training = True
    module.output(X.copy())
    module.backprop(error.copy())
    module.training = False
    return *found, module.output(X.copy()), module.backprop(error.copy())


def _on_at_first(Dropout, rate, X, seed):
    """Is it on when it is new, and on again after it was off?"""
    module = _module(Dropout, rate, seed)
    fresh = np.array(module.output(X.copy()))
    module.training = False
    module.output(X.copy())
    module.training = True
    return fresh, module.output(X.copy())


def _crossed(Dropout, rate, X, other, seed):
    """Two modules in turns, and one again with an input of another size: what each hands down."""
    one, two = _module(Dropout, rate, seed), _module(Dropout, rate, seed + 1)
    outputs = np.array(one.output(X.copy())), np.array(two.output(other.copy()))
    below = np.array(one.backprop(np.ones(X.shape))), np.array(two.backprop(np.ones(other.shape)))
    again = np.array(one.output(other.copy())), one.backprop(np.ones(other.shape))
    return *outputs, *below, *again


def _between(Dropout, rate, X, seed):
    """Two outputs of a module, with another one made before each, of the same seed every time."""
    module = _module(Dropout, rate, seed)
    found = []
    for _ in range(2):
        _module(Dropout, rate, seed + 1)
        found.append(np.array(module.output(X.copy())))
    return found


def _numbers(rng, n, m):
    """No entry is near 0, of either sign."""
    return rng.uniform(0.5, 2, size=(n, m)) * rng.choice([-1.0, 1.0], size=(n, m))


def _values(f, rng, right):
    """Each value is struck out or scaled, and about the right share of them is.

    Whole rows or columns may be struck out here: that is asked for itself.
    """
    for rate in (0.25, 0.5, 0.8, float(rng.uniform(0.1, 0.9))):
        X, seed = _numbers(rng, 120, 120), int(rng.integers(1000))
        out = numbers(run(f, (rate, X, seed), _forward))
        if out.shape != X.shape:
            raise Wrong(f"for X of shape {X.shape} the output has shape {out.shape}")
        gone, fine = out == 0, X / (1 - rate)
        odd = ~gone & ~np.isclose(out, fine, rtol=1e-9)
        if np.any(odd):
            x, y = X[odd][0], out[odd][0]
            raise Wrong(
                f"at rate {rate:.3g} the value {x:.4g} became {y:.4g}; it should become 0, or "
                f"{x:.4g}/(1 − {rate:.3g}) = {x / (1 - rate):.4g}"
            )
        share = np.mean(gone)
        probably(share, rate, len(X), f"at rate {rate:.3g} a share of {share:.3f} was struck out")
    X = _numbers(rng, *different(rng, 2, 2, 6))
    wrong = compare(run(f, (0.0, X, 1), _forward), X)
    if wrong:
        raise Wrong(f"at rate 0 the output should be X: {wrong}")


def _independent(f, rng, right):
    """Rows, columns and neighbours know nothing of each other, nor does one call of the next."""
    n, m, rate = 150, 120, float(rng.uniform(0.3, 0.7))
    X, seed = _numbers(rng, n, m), int(rng.integers(1000))
    kept = [numbers(out) != 0 for out in run(f, (rate, X, seed), _twice)]
    stay, both = 1 - rate, rate**2 + (1 - rate) ** 2
    first, second = kept
    for axis, what, count in ((0, "column", n), (1, "row", m)):
        shares = first.mean(axis=axis)
        far = shares[np.argmax(np.abs(shares - stay))]
        probably(
            far,
            stay,
            count,
            f"at rate {rate:.2f}, of one {what} {far:.0%} stayed: draw for each value by itself",
        )
    neighbours = (
        ("in neighbouring rows", first[1:] == first[:-1]),
        ("in neighbouring columns", first[:, 1:] == first[:, :-1]),
        ("in one call and the next", first == second),
    )
    for where, alike in neighbours:
        # Pairs that overlap are not independent, which makes their mean spread by up to √3 as much.
        probably(
            np.mean(alike),
            both,
            alike.size / 3,
            f"what is struck out {where} is the same in {np.mean(alike):.0%} of the cases; drawn "
            f"independently it would be {both:.0%}",
        )
    X = _numbers(rng, 50, 50)
    if len({int(np.sum(out == 0)) for out in run(f, (rate, X, seed), _often)}) == 1:
        raise Wrong(
            f"in each of {OFTEN} calls exactly as many values of {X.size} were struck out: draw "
            "for each value by itself"
        )
    gone = 1 - np.mean(first)
    probably(gone, rate, n * m, f"at rate {rate:.3f} a share of {gone:.3f} was struck out")


def _at_zero(f, rng):
    """A value of 0 stays or is struck out like every other, and the output does not tell which."""
    for zeros in (1.0, 0.5):
        rate, seed = float(rng.uniform(0.3, 0.7)), int(rng.integers(1000))
        X, error = _numbers(rng, 150, 150), _numbers(rng, 150, 150)
        at = rng.permutation(X.size).reshape(X.shape) < zeros * X.size
        X[at] = 0.0
        out, below = map(numbers, run(f, (rate, X, error, seed), _there_and_back))
        wrong = compare(out[at], X[at])
        if wrong:
            raise Wrong(f"where X is 0 the output should be 0: {wrong}")
        gone = below[at] == 0
        wrong = compare(below[at], np.where(gone, 0.0, error[at] / (1 - rate)))
        if wrong:
            raise Wrong(
                f"where X is 0, the error handed down should be 0, or error/(1 − rate): {wrong}"
            )
        share = np.mean(gone)
        probably(
            share,
            rate,
            len(X),  # whole rows or columns may be struck out here, too
            f"at rate {rate:.3g}, of the errors where X is 0 a share of {share:.3f} was struck out",
        )
        wrong = compare(below[~at], error[~at] * out[~at] / X[~at])
        if wrong:
            raise Wrong(f"where X has zeros, in an error handed down elsewhere, {wrong}")


def _way_back(f, rng, right):
    """The factors of the last way forward."""
    for n, m in ((5, 4), (1, 6), (7, 1), (4, 4)):
        rate, seed = float(rng.uniform(0.3, 0.7)), int(rng.integers(1000))
        X, error = _numbers(rng, n, m), _numbers(rng, n, m)
        out, below = map(numbers, run(f, (rate, X, error, seed), _there_and_back))
        wrong = compare(below, error * (out / X))
        if wrong:
            raise Wrong(
                f"the error handed down is not the error times the factors of the last output: "
                f"{wrong}"
            )
    _at_zero(f, rng)
    X, other = _numbers(rng, 4, 9), _numbers(rng, 6, 5)
    one, two, below, below_two, again, below_again = map(
        numbers, run(f, (0.5, X, other, int(rng.integers(1000))), _crossed)
    )
    for wrong in (
        compare(below, one / X),
        compare(below_two, two / other),
        compare(below_again, again / other),
    ):
        if wrong:
            raise Wrong(f"with two modules in turns, in an error handed down, {wrong}")


def _evaluation(f, rng, right):
    n, m = different(rng, 2, 3, 8)
    X, error, seed = _numbers(rng, n, m), _numbers(rng, n, m), int(rng.integers(1000))
    found = run(f, (0.5, X, error, seed), _off)
    names = ("output", "backprop", "output", "backprop")
    for k, (name, value, given) in enumerate(zip(names, found, (X, error, X, error), strict=True)):
        wrong = compare(value, given)
        if wrong:
            more = ", after it was on," if k > 1 else ""
            raise Wrong(f"with training = False{more} {name} should hand on what it gets: {wrong}")
    X = np.ones((40, 40))
    for value, when in zip(
        run(f, (0.5, X, seed), _on_at_first), ("when it is new", "after it was off"), strict=True
    ):
        if np.all(numbers(value) != 0):
            raise Wrong(f"{when}, with training = True, nothing is struck out")


def _drawn(f, rng, right):
    """From the generator given, and from nothing else."""
    X, seed = _numbers(rng, 9, 8), int(rng.integers(1000))
    one, same = (run(f, (0.5, X, seed), _forward) for _ in range(2))
    if compare(one, same):
        raise Wrong("two generators of the same seed give different results: draw from rng")
    if compare(one, run(f, (0.5, X, seed + 1), _forward)) is None:
        raise Wrong("another seed gives exactly the same result: is anything drawn from rng?")
    alone, between = run(f, (0.5, X, seed), _twice), run(f, (0.5, X, seed), _between)
    if any(map(compare, alone, between)):
        raise Wrong(
            "a module strikes out other values when a second one is made, with a generator of its "
            "own: draw from the rng that the module was given, and keep no generator in common"
        )


def _left(f, rng, right):
    """Nothing that was given is changed, in training and in evaluation."""
    X, error, seed = _numbers(rng, 9, 8), _numbers(rng, 9, 8), int(rng.integers(1000))
    for off in (False, True):
        given, handed = X.copy(), error.copy()

        def passes(Dropout, off=off, given=given, handed=handed):
            module = _module(Dropout, 0.5, seed)
            module.output(X.copy())  # so that there are factors in any case
            if off:
                module.training = False
            module.output(given)
            return module.backprop(handed)

        run(f, (), passes)
        if compare(given, X):
            raise Wrong(changed(name_of(f), "X"))
        if compare(handed, error):
            raise Wrong(changed(name_of(f), "error"))


def _plain(f, rng, right):
    """Whole numbers: what they are divided by may be none."""
    X = rng.integers(1, 9, size=(20, 20))
    for rate in (0.75, 0.4):
        out = numbers(run(f, (rate, X, int(rng.integers(1000))), _forward))
        wrong = compare(out, np.where(out != 0, X / (1 - rate), 0.0))
        if wrong:
            raise Wrong(f"at rate {rate}, where X is {describe(X)}: {wrong}")


ASKED = Asked(
    "Dropout",
    Question("a share of `rate` is 0, the rest is divided by 1 − rate", 1, _values),
    Question("each value by itself, and anew in each call", 1, _independent),
    Question("backprop has the factors of the last output", 2, _way_back),
    Question("with training = False both hand on what they get", 1, _evaluation),
    Question("drawn from rng", 1, _drawn),
    Question("X and error are left as they were", 1, _left),
    Question("whole numbers", 1, _plain),
)
