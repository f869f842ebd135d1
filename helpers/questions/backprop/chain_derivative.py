"""What `chain_derivative` is asked."""

from __future__ import annotations

from itertools import islice

from helpers.checks import compare
from helpers.questions.backprop.shared import keeping_lists, link
from helpers.questions.base import (
    Asked,
    Question,
    Wrong,
    answered,
    different,
    run,
    watched,
)
from helpers.questions.usual import value


def _chains(rng):
    """Of some lengths and of one link; with an odd and an even number of falling functions."""
    for length in (*different(rng, 2, 2, 4), 4, 1):
        links = [link(rng) for _ in range(length)]
        yield [f for f, _ in links], [d for _, d in links], float(rng.normal())
    for x, slope, length in ((int(rng.integers(1, 4)), -5.0, 3), (0.0, 5.0, 3), (0.0, -5.0, 2)):
        links = [link(rng, slope) for _ in range(length)]
        yield [f for f, _ in links], [d for _, d in links], x


def _two_chains(rng):
    """One of four links, so that anew for each is more than twice; and one of a single link."""
    return islice(_chains(rng), 2, 4)


def _one_sweep(f, rng, right):
    """Every derivative once, every function at most once: the last one's value is not needed."""
    for (links, slopes, x), expected in answered(right, _two_chains(rng)):
        functions = [watched(function) for function in links]
        derivatives = [watched(derivative) for derivative in slopes]
        found = run(f, ([g for g, _ in functions], [d for d, _ in derivatives], x))
        most = [max(len(seen) for _, seen in each) for each in (functions, derivatives)]
        if max(most) > 1:
            raise Wrong(
                "one sweep calls each function and each derivative once; you called one function "
                f"{_often(most[0])}, one derivative {_often(most[1])}"
            )
        if not all(seen for _, seen in derivatives):
            raise Wrong("one sweep calls each derivative once; some of them you never called")
        wrong = compare(found, expected)
        if wrong:
            raise Wrong(f"of {len(links)} functions, at x = {x:.4g}: {wrong}")


def _often(count):
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


ASKED = Asked(
    "chain_derivative",
    value(1, _chains, says="the product of the derivatives"),
    Question("one sweep: nothing is computed twice", 1, _one_sweep),
    value(1, _two_chains, drive=keeping_lists, says="the lists stay as they are"),
)
