"""The right answer to `topological_order`."""

from __future__ import annotations


def topological_order(node, inputs_of):
    order, seen, waiting = [], set(), [(node, False)]
    while waiting:
        current, ready = waiting.pop()
        if ready:
            order.append(current)
        elif current not in seen:
            seen.add(current)
            waiting.append((current, True))
            for below in inputs_of(current):
                waiting.append((below, False))
    return order
