"""What `topological_order` is asked."""

from __future__ import annotations

import numpy as np

from helpers._findings import not_due, outermost
from helpers.checks import call, name_of
from helpers.questions.base import Asked, Question, Wrong, driven
from helpers.questions.usual import value

LONG = 1200
"""Longer than Python lets a function call itself, and no longer: each node is a call."""
OFTEN = 20
"""So often may an answer ask for the inputs of each node, on the average."""

ENDLESS = 100
"""After so many times for each node no node has inputs any more, so that every way through a ladder
ends soon; and after twice as many it is stopped. Every way through a small graph takes less.
"""


def _found(topological_order, graph, node):
    """How often each node stands in the list; how many of its inputs stand after it; the last.

    graph: {node: [the nodes that it is computed from]}; the nodes are called n0, n1 and so on, or
    (0, True), (1, True) and so on.
    """
    return _looked_at(topological_order, graph, node)[:-1]


def _found_soon(topological_order, graph, node):
    """The same, where it does not ask for the inputs of a node again and again."""
    *found, asked = _looked_at(topological_order, graph, node)
    most = OFTEN * len(graph)
    if asked > most:
        raise Wrong(
            f"in a graph of {len(graph)} nodes it asks for inputs more than {most} times: a node "
            "that was visited need not be visited again"
        )
    return tuple(found)


def _looked_at(topological_order, graph, node):
    """What `_found` says, and how often the inputs of a node were asked for."""
    asked, most = 0, ENDLESS * len(graph)

    def inputs_of(one):
        nonlocal asked
        asked += 1
        if asked > 2 * most:
            raise Wrong("it asks for inputs without an end")
        return [_anew(below) for below in graph[one]] if asked <= most else []

    order = outermost(topological_order(node, inputs_of))
    if type(order) not in (tuple, list):
        raise Wrong(not_due(order, name_of(topological_order), "a list of nodes"))
    if any(_number(one) is None or one not in graph for one in order):
        raise Wrong(NO_NODE)
    if not order:
        raise Wrong("the list is empty: at least the node that was asked stands in it")
    times = np.zeros(len(graph), dtype=int)
    late = np.zeros(len(graph), dtype=int)
    first: dict = {}
    for place, one in enumerate(order):
        times[_number(one)] += 1
        first.setdefault(one, place)
    for one, place in first.items():
        late[_number(one)] = sum(first.get(below, -1) > place for below in graph[one])
    return times, late, _number(order[-1]), asked


def _anew(node):
    """An equal node, made anew, as where places in a table are computed or names are read."""
    return "n" + node[1:] if type(node) is str else (node[0], node[1])


def _number(node):
    """None for what is called otherwise than a node."""
    if type(node) is tuple and len(node) == 2 and type(node[0]) is int and node[1] is True:
        return node[0]
    if type(node) is str and node[:1] == "n" and node[1:].isdecimal():
        return int(node[1:])
    return None


def _numbered(rng, graph, pairs=False):
    """The same graph with its nodes called at random, and what its last node is called."""
    names = [(int(k), True) if pairs else f"n{k}" for k in rng.permutation(len(graph))]
    turned = {names[k]: [names[j] for j in inputs] for k, inputs in enumerate(graph)}
    return turned, names[-1]


SMALL: tuple[list[list[int]], ...] = (
    [[]],
    [[], [], [0, 1]],
    [[], [0], [1], [2]],
    [[], [], [0, 1], [2, 0]],
    [[], [0, 0]],
    [[], [], [0, 1], [2], [2], [3, 4], [5, 2, 0]],
    [[], [0], [0, 1], [0, 1, 2], [3, 0]],
    [[], [0], [1], [2, 0]],
    [[], [0], [1], [0, 2]],
)
"""Graphs as lists of inputs by node, the last of them asked: a node used twice, by a node near and
one far away, twice by the same.
"""


def _graphs(rng):
    for graph in SMALL:
        yield _numbered(rng, graph)
    for _ in range(2):
        graph = [[]] + [[k - 1, *_some(rng, k)] for k in range(1, 6)]
        yield _numbered(rng, graph)


def _some(rng, k):
    return [int(j) for j in rng.integers(0, k, size=2)]


def _within(rng):
    """Asked for a node in the middle: what it is not computed from stays out. A node may be a
    tuple.
    """
    graph = [[], [], [0, 1], [2, 0], [3], [], [5, 3]]
    for pairs in (False, True):
        turned, _ = _numbered(rng, graph, pairs)
        for node in turned:
            yield turned, node


def _ladder(rng):
    """Twelve diamonds in a row: few nodes, and thousands of ways through them."""
    graph: list[list[int]] = [[]]
    for _ in range(12):
        last = len(graph) - 1
        graph += [[last], [last], [last + 1, last + 2]]
    yield _numbered(rng, graph)


def _long_chain(f, rng, right):
    graph, node = _numbered(rng, [[]] + [[k] for k in range(LONG - 1)])
    result = call(driven(f, _found_soon), graph, node)
    if result.error:
        deep = "recursion" in result.error or "calls itself" in result.error
        raise Wrong(TOO_DEEP if deep else result.error)
    times, late, _ = result.value
    if np.any(times != 1) or np.any(late):
        raise Wrong(f"a chain of {LONG} nodes does not come in order")


NO_NODE = (
    "in the list stands something that is no node of the graph: a pair perhaps, part of a name, or "
    "what an earlier call has left"
)

TOO_DEEP = (
    f"a chain of {LONG} nodes: a function that calls itself once for each node gets too deep for "
    "Python. Keep the nodes that wait in a list of your own"
)

RETURNS = (
    "how often each node stands in the list",
    "how many of its inputs come too late, for each node",
    "the last node of the list",
)

ASKED = Asked(
    "topological_order",
    value(2, _graphs, drive=_found, says="every node once, after its inputs"),
    value(1, _within, drive=_found, says="only what the node is computed from, tuples too"),
    value(
        1,
        _ladder,
        drive=_found_soon,
        says="a node that was visited is not visited again",
        returns=RETURNS,
    ),
    Question(f"a chain of {LONG} nodes", 1, _long_chain),
    returns=RETURNS,
)
