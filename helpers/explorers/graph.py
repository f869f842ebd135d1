"""A computation graph, a step at a time: the values forward, then what the student's own backward
pass returns, held against slopes that are measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.explorers.asking import StudentError, ask, numbers
from helpers.explorers.controls import Player, Text
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.formula import (
    MOST_NODES,
    WRITTEN_AS,
    Node,
    build,
    evaluate,
    given,
    listed,
)
from helpers.explorers.scene import Mark, Panel, Picture, Says, show

ASKED = ("+", "*", "exp", "max")
"""The operations whose local derivatives lesson 4 asks for."""


def returned(backward: Callable, nodes: Sequence[Node]) -> np.ndarray:
    """The derivative of the output by every node, as the student's function returns them."""
    found = ask(backward, listed(nodes), [node.value for node in nodes])
    array = numbers(found, "what backward returns")
    if array.shape != (len(nodes),):
        one_each = f"a list of {len(nodes)} numbers, one for each node"
        raise StudentError(f"backward must return {one_each}, not the shape {array.shape}")
    return array


def agrees(own: float, node: Node, output: float) -> bool:
    """Is a derivative the measured one, as far as a measurement can tell?"""
    if not np.isfinite([node.gradient, output]).all():
        return True
    unsure = 1e-5 * abs(node.gradient) + 1e-9 * max(1.0, abs(output))
    return bool(abs(own - node.gradient) <= unsure)


class GraphViewer(Explorer):
    """The graph of a formula, walked through step by step: `GraphViewer("a * b + a", a=2)`.

    Names without a value are 1. Type another formula, or other values as `a=2, b=-1`.
    backward(graph, values): the student's; returns the derivative of the last node by each node.
    Its answers are what the way back shows. Without it there are question marks.
    """

    title = "A computation graph"

    def __init__(self, expression: str, *, backward: Callable | None = None, **values: float):
        numbers = ", ".join(f"{name}={value:g}" for name, value in values.items())
        self.first = expression, numbers
        try:
            last = len(build(expression, values))
        except StudentError:  # it is said below the plot, where it can be mended
            last = 0
        super().__init__(
            controls=[
                Text("expression", "formula", expression),
                Text("values", "values", numbers),
                Player("step", "step", 2 * MOST_NODES, 2 * last if backward else last),
            ],
            panels=[Panel("graph", x=(-0.5, 3.5), y=(-1.5, 1.5), axes=False)],
            layers=[Layer("graph", self.graph, asks=("expression", "values"))],
            functions={"backward": backward} if backward else {},
        )

    def graph(self, expression: str, values: str) -> Picture:
        nodes = build(expression, given(values))
        evaluate(nodes)
        plan = _plan(nodes)
        own, error = None, None
        if "backward" in self._given:
            try:
                own = returned(self.student("backward"), nodes)
            except StudentError as wrong:
                error = f"{wrong}{_not_asked(nodes)}\nOnly the way forward is shown."
        last = len(nodes) if error else 2 * len(nodes)
        marks = [*_edges(nodes, plan), *_nodes(nodes, plan, own, last)]
        walk = Says(text=_walk(nodes, own)[: last + 1], pick="step")
        compared = _compared(nodes, own) if own is not None else self.moved(nodes)
        return Picture(marks, [walk, compared], [plan.panel], error, limits={"step": last})

    def moved(self, nodes: list[Node]) -> Says:
        """How far the output has moved since one value of the first formula was changed."""
        expression, values = self.first
        try:
            before = build(expression, given(values))
            evaluate(before)
        except StudentError:
            before = []
        if [node.name for node in before] == [node.name for node in nodes]:
            by = [node.value - was.value for node, was in zip(nodes, before, strict=True)]
            changed = [k for k, node in enumerate(nodes) if not node.compute and by[k]]
            if len(changed) == 1:
                name = nodes[changed[0]].name
                text = f"“{name}” has moved by {{by}}, and with it the output by {{out}}."
                return Says(text=text, fields={"by": by[changed[0]], "out": by[-1]})
        hint = next((node for node in nodes if not node.compute and node.name.isidentifier()), None)
        if hint is None:
            return Says(text="Above a node: its value.")
        a_little = f"{hint.name}={hint.value + 0.01:g}"
        return Says(text=f"Above a node: its value. To measure a slope, type {a_little} below.")


WIDE, HIGH = 712, 306
"""Pixels of the graph, where the plot is 720 wide."""
ROOM = 36
"""Pixels that a node and the number at it take, up and down from its middle."""


@dataclass(frozen=True)
class Plan:
    """Where each node stands, (n, 2), and how large it is drawn.

    unit: pixels across and down for a unit of the panel. size: 1, or less where there are many.
    """

    places: np.ndarray
    panel: Panel
    unit: np.ndarray
    size: float


SHIFTS = (0.0, 0.25, -0.25, 0.5, -0.5, 0.75, -0.75, 1.0, -1.0)
"""How far a column of nodes may be moved up or down."""


def _plan(nodes: Sequence[Node]) -> Plan:
    places = _places(nodes)
    x, y = places.T
    low, high = float(y.min()), float(y.max())
    down = min(90.0, (HIGH - 2 * ROOM) / max(high - low, 1.0))
    middle, half = (low + high) / 2, HIGH / down / 2
    across = (float(x.min() - 0.5), float(x.max() + 0.5))
    panel = Panel("graph", x=across, y=(middle - half, middle + half), axes=False)
    unit = np.array([WIDE / (across[1] - across[0]), down])
    return Plan(places, panel, unit, min(1.0, down / (2 * ROOM - 4)))


def _edges(nodes: Sequence[Node], plan: Plan) -> list[Mark]:
    """An arrow for each use of a node, from the edge of one ring to the edge of the other."""
    pairs = dict.fromkeys((i, k) for k, node in enumerate(nodes) for i in node.inputs)
    if not pairs:
        return []
    start, end = (plan.places[list(side)] for side in zip(*pairs, strict=True))
    length = np.linalg.norm((end - start) * plan.unit, axis=1, keepdims=True)
    gap = np.minimum(24 * plan.size / length, 0.3) * (end - start)
    (x, y), (dx, dy) = (start + gap).T, (end - start - 2 * gap).T
    return [Mark(kind="arrows", panel="graph", x=x, y=y, dx=dx, dy=dy, color="grey")]


def _places(nodes: Sequence[Node]) -> np.ndarray:
    """Columns by depth; within a column, from top to bottom in the order of the formula.

    A column is moved up or down where an arrow between others would run through its nodes.
    """
    columns = np.array([node.column for node in nodes])
    places = np.zeros((len(nodes), 2))
    places[:, 0] = columns
    for column in range(columns.max() + 1):
        (members,) = np.nonzero(columns == column)
        places[members, 1] = (len(members) - 1) / 2 - np.arange(len(members))
    pairs = [(i, k) for k, node in enumerate(nodes) for i in node.inputs]
    long = [(i, k) for i, k in pairs if columns[k] > columns[i] + 1]

    def crowded() -> float:
        """How close arrows come to nodes that they pass."""
        near = 0.0
        for i, k in long:
            (passed,) = np.nonzero((columns > columns[i]) & (columns < columns[k]))
            share = (columns[passed] - columns[i]) / (columns[k] - columns[i])
            at = places[i, 1] + share * (places[k, 1] - places[i, 1])
            near += float(np.maximum(0, 0.6 - np.abs(places[passed, 1] - at)).sum())
        return near

    home = places[:, 1].copy()
    for column in [*range(1, columns.max()), *range(1, columns.max())]:
        members, found = columns == column, {}
        for shift in SHIFTS:
            places[members, 1] = home[members] + shift
            found[shift] = crowded() + 0.05 * abs(shift)
        places[members, 1] = home[members] + min(found, key=lambda shift: found[shift])
    return places


def _nodes(nodes: list[Node], plan: Plan, own: np.ndarray | None, last: int) -> list[Mark]:
    """The nodes, the one at work, and the numbers found so far: values above, derivatives below.

    Step k ≤ n computes the value of node k − 1; step n + k hands back to node n − k. Of all these
    steps there are `last`.
    """
    count = len(nodes)
    x, y = plan.places.T
    off = 27 * plan.size / plan.unit[1]
    back = slice(None, None, -1)
    none = np.full(1, np.nan)
    around = {"x": np.r_[none, x, x[back]], "y": np.r_[none, y, y[back]]}
    at_work: dict[str, Any] = {name: array[: last + 1] for name, array in around.items()}
    values = ["", *(show(node.value) for node in nodes)]
    below = ["?"] * count if own is None else [*map(show, own)]
    if own is not None:
        right = _right(nodes, own)
        below = [text if ok else f"{text} ✗" for text, ok in zip(below, right, strict=True)]
    waiting = np.full(count + 1, np.nan)
    ring: dict[str, Any] = {"kind": "points", "panel": "graph", "marker": "ring"}
    words: dict[str, Any] = {"kind": "words", "panel": "graph", "reveal": "step"}
    return [
        Mark(x=x, y=y, size=17 * plan.size, width=1.5, **ring),
        Mark(**at_work, size=17 * plan.size, width=4, color="red", pick="step", **ring),
        Mark(kind="words", panel="graph", x=x, y=y, words=[node.label for node in nodes]),
        Mark(x=np.r_[none, x], y=np.r_[none, y + off], words=values, **words),
        Mark(
            x=np.r_[waiting, x[back]],
            y=np.r_[waiting, y[back] - off],
            words=[""] * (count + 1) + below[back],
            **words,
        ),
    ][: None if last > count else -1]


def _walk(nodes: list[Node], own: np.ndarray | None) -> list[str]:
    """What happens at each step, in words."""
    said = ["Step on: values go forward, derivatives back."]
    for node in nodes:
        said.append(f"Forward: “{node.name}” has the value {show(node.value)}.")
    for k in reversed(range(len(nodes))):
        name = nodes[k].name
        users = [f"“{other.name}”" for other in nodes for i in other.inputs if i == k]
        used = f" Used by {' and '.join(users)}." if users else " It is the output itself."
        if own is None:
            said.append(f"Backward: how much does the output grow for each unit of “{name}”?{used}")
        else:
            grows = f"the output grows by {show(own[k])} for each unit of “{name}”"
            said.append(f"Backward, by your function: {grows}.{used}")
    return said


def _right(nodes: list[Node], own: np.ndarray) -> list[bool]:
    output = nodes[-1].value
    return [agrees(d, node, output) for d, node in zip(own, nodes, strict=True)]


def _compared(nodes: list[Node], own: np.ndarray) -> Says:
    """Where the student's derivatives first differ from measured slopes, on the way back."""
    right = _right(nodes, own)
    for k in reversed(range(len(nodes))):
        if not right[k]:
            first = f"On the way back, yours first differ at “{nodes[k].name}”"
            text = f"{first}: {{own}}, measured {{measured}}."
            fields = {"own": own[k], "measured": nodes[k].gradient}
            return Says(text=text + _not_asked(nodes), fields=fields, marker="cross", color="red")
    text = "Your derivatives agree with slopes that are measured, at all {n} nodes."
    return Says(text=text, fields={"n": len(nodes)})


def _not_asked(nodes: Sequence[Node]) -> str:
    """A word about operations that the lesson's backward pass need not know."""
    others = {node.label for node in nodes if node.compute} - {WRITTEN_AS.get(a, a) for a in ASKED}
    if not others:
        return ""
    names = " and ".join(f"“{name}”" for name in sorted(others))
    return f" (The formula has {names}; the lesson asks for {', '.join(ASKED)}.)"
