"""What `forward_sweep` is asked."""

from __future__ import annotations

from helpers.questions.backprop.backward import shared_graphs, tiny_graphs, tree_graphs
from helpers.questions.base import Asked
from helpers.questions.usual import exact, left_alone, value


def _of(graphs):
    """Each graph with every one of its nodes."""

    def probes(rng):
        for graph, values in graphs(rng):
            for place in range(len(graph)):
                yield graph, values, place

    return probes


ASKED = Asked(
    "forward_sweep",
    value(1, _of(tree_graphs), says="every node used once"),
    value(1, _of(shared_graphs), says="nodes used twice, more often, or not at all", keeps=True),
    exact(1, _of(tiny_graphs), rtol=1e-14),
    left_alone(1, _of(shared_graphs), says="graph and values are left as they were"),
)
