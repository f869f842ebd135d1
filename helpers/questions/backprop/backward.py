"""What `backward` is asked."""

from __future__ import annotations

import copy
import math

from helpers._findings import two_answers
from helpers.checks import compare, name_of
from helpers.questions.backprop.shared import apply
from helpers.questions.base import Asked, Question, Wrong, run, tiny
from helpers.questions.usual import exact, left_alone, value


def _evaluated(graph, inputs):
    values, given = [], iter(inputs)
    for operation, *places in graph:
        if operation == "input":
            values.append(float(next(given)))
        else:
            values.append(apply(operation, [values[j] for j in places]))
    return graph, values


LARGER = [("input",), ("input",), ("max", 0, 1), ("input",), ("*", 2, 3)]


def tree_graphs(rng):
    """Every node but the last is used exactly once; a maximum of either order and sign."""
    a, b, c = rng.choice([-1.0, 1.0], size=3) * rng.uniform(0.2, 2, size=3)
    yield _evaluated([("input",)], (a,))
    yield [("input",), ("exp", 0), ("input",), ("*", 1, 2)], [1, math.e, 3, 3 * math.e]
    for given in ((0.0, b), (a, 0.0), (0.0, 0.0)):
        yield _evaluated([("input",), ("input",), ("*", 0, 1)], given)
    small, large = rng.uniform(0.2, 0.6), rng.uniform(0.8, 1.4)
    for given in ((small, large), (large, small), (-small, -large), (-large, -small)):
        yield _evaluated(LARGER, (*given, c))
    yield _evaluated([("input",), ("exp", 0), ("input",), ("+", 1, 2), ("exp", 3)], (a / 2, b))
    yield _evaluated([("input",), ("input",), ("*", 0, 1)], (a, b))
    yield _evaluated([("input",), ("input",), ("input",), ("+", 0, 1), ("max", 3, 2)], (a, b, c))
    chain = [("input",), ("input",), ("*", 0, 1), ("exp", 2), ("input",), ("*", 3, 4)]
    yield _evaluated(chain, (a / 2, b / 2, c))


def shared_graphs(rng):
    """A node used twice and three times, by as many nodes and by fewer; inputs and other nodes that
    nothing uses; a maximum of one node with itself, and of two that are the same number; two nodes
    that are the same tuple; a random graph.
    """
    a, b = rng.uniform(0.3, 1.2, size=2)
    yield _evaluated([("input",), ("*", 0, 0)], (a,))
    diamond = [("input",), ("input",), ("+", 0, 1), ("exp", 2), ("*", 2, 3), ("+", 4, 0)]
    yield _evaluated(diamond, (a, b))
    yield _evaluated([("input",), ("input",), ("input",), ("*", 0, 2), ("+", 3, 3)], (a, b, 2.0))
    yield _evaluated([("input",), ("*", 0, 0), ("*", 1, 0)], (a,))
    yield _evaluated([("input",), ("exp", 0), ("+", 1, 0), ("*", 2, 0), ("+", 3, 0)], (-b,))
    yield _evaluated([("input",), ("max", 0, 0), ("*", 1, 1)], (a,))
    yield _evaluated(LARGER, (a, a, b))
    aside = [("input",), ("exp", 0), ("*", 1, 0), ("exp", 0), ("+", 2, 1)]
    yield _evaluated(aside, (a,))
    same = [("input",), ("input",), ("+", 0, 1), ("+", 0, 1), ("exp", 2), ("*", 3, 4)]
    yield _evaluated(same, (a, b))
    graph: list[tuple] = [("input",)] * 3
    for place in range(3, 11):
        operation = str(rng.choice(["+", "*", "max", "+"]))
        graph.append((operation, *(int(j) for j in rng.integers(0, place, size=2))))
    yield _evaluated(graph, rng.uniform(0.2, 0.9, size=3))


def _some_graphs(rng):
    """A node used twice, three times, and the random graph."""
    graphs = list(shared_graphs(rng))
    return [graphs[1], graphs[3], graphs[-1]]


def tiny_graphs(rng):
    """A tiny factor, and an exp that is tiny: the derivatives that pass through them are tiny."""
    a, b, c = (float(v) for v in rng.uniform(0.3, 1.2, size=3))
    product = [("input",), ("input",), ("*", 0, 1), ("input",), ("*", 2, 3), ("exp", 4)]
    yield _evaluated(product, (a, tiny(rng), c))
    power = [("input",), ("exp", 0), ("input",), ("*", 2, 1), ("input",), ("+", 3, 4)]
    yield _evaluated(power, (rng.uniform(-706, -703), b, c))


def _again(f, rng, right):
    """The same, right or wrong; and what was returned stays what it was."""
    asked = _some_graphs(rng)
    first = [run(f, args) for args in asked]
    before = copy.deepcopy(first)
    second = [run(f, args) for args in asked]
    for found, kept, again in zip(first, before, second, strict=True):
        if compare(again, kept):
            raise Wrong(two_answers(name_of(f)))
        if compare(found, kept):
            raise Wrong("the list that the first call returned was changed by a later call")


ASKED = Asked(
    "backward",
    value(1, tree_graphs, says="every node used once"),
    value(2, shared_graphs, says="nodes used twice, more often, or not at all"),
    exact(1, tiny_graphs, rtol=1e-14),
    Question("a second call gives the same", 1, _again),
    left_alone(1, _some_graphs, says="graph and values are left as they were"),
)
