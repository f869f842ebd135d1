"""What `chain_derivative` is asked."""

from __future__ import annotations

import numpy as np

from helpers.checks import compare
from helpers.questions.base import (
    Asked,
    Question,
    Wrong,
    answered,
    different,
    neutral,
    run,
    watched,
)
from helpers.questions.usual import value


def _link(rng, slope=0.0):
    """A function of one number and its derivative, neither flat nor linear, of so much slope more.

    The function is rounded, as in a table: what is asked for is made of the derivatives given.
    """
    a, b, c = rng.uniform(0.4, 1.2), rng.uniform(-2, 2), slope + rng.uniform(0.2, 0.6)

    def function(x):
        return round(float(a * np.sin(x + b) + c * x), 3)

    def derivative(x):
        return float(a * np.cos(x + b) + c)

    return function, derivative


def _chains(rng):
    for length in (*different(rng, 3), 1):
        links = [_link(rng) for _ in range(length)]
        yield [f for f, _ in links], [d for _, d in links], float(rng.normal())
    for x, slope in ((int(rng.integers(1, 4)), -5.0), (0.0, 5.0)):
        links = [_link(rng, slope) for _ in range(3)]
        yield [f for f, _ in links], [d for _, d in links], x


def _twice(chain_derivative, functions, derivatives, x, other_x):
    """At two places, with the same two lists; the functions in them are handed over anew."""
    first = chain_derivative(functions, derivatives, x)
    for each in (functions, derivatives):
        each[:] = map(neutral, each)
    return first, chain_derivative(functions, derivatives, other_x)


def _places(rng):
    for functions, derivatives, x in _chains(rng):
        yield functions, derivatives, x, float(rng.normal())


def _one_sweep(f, rng, right):
    """Every derivative once, every function at most once: the last one's value is not needed."""
    for (links, slopes, x), expected in answered(right, _chains(rng)):
        functions = [watched(function) for function in links]
        derivatives = [watched(derivative) for derivative in slopes]
        found = run(f, ([g for g, _ in functions], [d for d, _ in derivatives], x))
        most = [max(len(seen) for _, seen in each) for each in (functions, derivatives)]
        if max(most) > 1:
            raise Wrong(
                "one sweep calls each function and each derivative once; one function of yours was "
                f"called {most[0]} times, one derivative {most[1]} times"
            )
        if not all(seen for _, seen in derivatives):
            raise Wrong("one sweep calls each derivative once; some of them you never called")
        wrong = compare(found, expected)
        if wrong:
            raise Wrong(f"of {len(links)} functions, at x = {x:.4g}: {wrong}")


ASKED = Asked(
    "chain_derivative",
    value(1, _chains, says="the product of the derivatives"),
    Question("one sweep: nothing is computed twice", 1, _one_sweep),
    value(1, _places, drive=_twice, says="the lists are left as they were, for a second call"),
)
