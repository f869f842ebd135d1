"""What `chain_derivative` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, Question, Wrong, different, run, value, watched


def _link(rng):
    """A smooth function of one number and its derivative, neither flat nor linear."""
    a, b, c = rng.uniform(0.4, 1.2), rng.uniform(-2, 2), rng.uniform(0.2, 0.6)

    def function(x):
        return float(a * np.sin(x + b) + c * x)

    def derivative(x):
        return float(a * np.cos(x + b) + c)

    return function, derivative


def _chains(rng):
    for length in (*different(rng, 3), 1):
        links = [_link(rng) for _ in range(length)]
        yield [f for f, _ in links], [d for _, d in links], float(rng.normal())


def _one_sweep(f, rng, right):
    links = [_link(rng) for _ in range(4)]
    functions = [watched(function) for function, _ in links]
    derivatives = [watched(derivative) for _, derivative in links]
    run(f, ([g for g, _ in functions], [d for d, _ in derivatives], 0.7))
    most = max(len(seen) for _, seen in functions), max(len(seen) for _, seen in derivatives)
    if most[0] > 1 or most[1] > 1:
        raise Wrong(
            f"one sweep calls each function and each derivative once; one function of yours was "
            f"called {most[0]} times, one derivative {most[1]} times"
        )


ASKED = Asked(
    "chain_derivative",
    value(2, _chains, says="the product of the derivatives"),
    Question("one sweep: nothing is computed twice", 1, _one_sweep),
)
