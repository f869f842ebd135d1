"""A computation graph, a step at a time: forward values first, then backward gradients."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.explorers.asking import StudentError
from helpers.explorers.controls import Player, Text
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.scene import Mark, Panel, Picture, Says, show
from helpers.gradients import numerical_gradient

FUNCTIONS: dict[str, tuple[int, Callable]] = {
    "exp": (1, math.exp),
    "log": (1, math.log),
    "sin": (1, math.sin),
    "cos": (1, math.cos),
    "tanh": (1, math.tanh),
    "max": (2, max),
}
OPERATORS: dict[type, tuple[str, Callable]] = {
    ast.Add: ("+", lambda a, b: a + b),
    ast.Sub: ("−", lambda a, b: a - b),
    ast.Mult: ("×", lambda a, b: a * b),
    ast.Div: ("/", lambda a, b: a / b),
    ast.Pow: ("^", lambda a, b: a**b),
}
MOST_NODES = 24


@dataclass
class Node:
    """One node: what is written in it, the nodes it uses, how to compute it, and how deep it is."""

    label: str
    inputs: tuple[int, ...] = ()
    compute: Callable | None = None
    column: int = 0
    value: float = 0.0
    gradient: float = 0.0


def build(expression: str, values: dict[str, float]) -> list[Node]:
    """The graph of an expression, each node after its inputs; a name used twice is one node."""
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise StudentError(f"“{expression}” is not a formula that Python can read") from None
    nodes: list[Node] = []
    known: dict[str, int] = {}

    def put(node: Node) -> int:
        node.column = 1 + max((nodes[i].column for i in node.inputs), default=-1)
        nodes.append(node)
        if len(nodes) > MOST_NODES:
            raise StudentError(f"more than {MOST_NODES} nodes do not fit in the picture")
        return len(nodes) - 1

    def visit(part: ast.expr) -> int:
        if isinstance(part, ast.Name):
            if part.id not in known:
                known[part.id] = put(Node(part.id, value=values.get(part.id, 1.0)))
            return known[part.id]
        if isinstance(part, ast.Constant) and isinstance(part.value, int | float):
            return put(Node(f"{part.value:g}", value=float(part.value)))
        if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub):
            inner = visit(part.operand)
            return put(Node("neg", (inner,), lambda a: -a))
        if isinstance(part, ast.BinOp) and type(part.op) in OPERATORS:
            label, compute = OPERATORS[type(part.op)]
            return put(Node(label, (visit(part.left), visit(part.right)), compute))
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            name = part.func.id
            if name in FUNCTIONS and len(part.args) == FUNCTIONS[name][0] and not part.keywords:
                compute = FUNCTIONS[name][1]
                return put(Node(name, tuple(visit(a) for a in part.args), compute))
        allowed = "+ - * / **, " + ", ".join(FUNCTIONS)
        raise StudentError(f"“{ast.unparse(part)}” is none of: names, numbers, {allowed}")

    visit(tree)
    return nodes


def values_of(nodes: list[Node], held: int = -1, at: float = 0.0) -> list[float]:
    """The value of every node; node `held` has the value `at`, whatever its inputs say."""
    values: list[float] = []
    for i, node in enumerate(nodes):
        if i == held:
            values.append(at)
        elif node.compute:
            values.append(float(node.compute(*(values[j] for j in node.inputs))))
        else:
            values.append(node.value)
    return values


def evaluate(nodes: list[Node]) -> None:
    """Every node's value, and the derivative of the last one with respect to it.

    The derivatives are numerical: how far the output moves when a node is moved a little. (How they
    are handed back from node to node is what lesson 4 asks you to write.)
    """
    try:
        for node, value in zip(nodes, values_of(nodes), strict=True):
            node.value = value
        for i, node in enumerate(nodes):
            node.gradient = numerical_gradient(
                lambda v, i=i: values_of(nodes, i, v)[-1], node.value
            )
    except (ArithmeticError, ValueError, TypeError) as error:
        raise StudentError(f"it has no value there: {error}") from None


class GraphViewer(Explorer):
    """The graph of a formula, walked through step by step: `GraphViewer("a * b + a", a=2)`.

    Names without a value are 1. Type another formula, or other values as `a=2, b=-1`.
    """

    title = "A computation graph"

    def __init__(self, expression: str, **values: float):
        given = ", ".join(f"{name}={value:g}" for name, value in values.items())
        try:
            last = 2 * len(build(expression, values))
        except StudentError:  # it is said in the plot, where it can be mended
            last = 0
        super().__init__(
            controls=[
                Text("expression", "formula", expression),
                Text("values", "values", given),
                Player("step", "step", 2 * MOST_NODES, last),
            ],
            panels=[Panel("graph", x=(-0.5, 3.5), y=(-1.5, 1.5), axes=False)],
            layers=[Layer("graph", self.graph, asks=("expression", "values"))],
            functions={},
        )

    def graph(self, expression: str, values: str) -> Picture:
        nodes = build(expression, given(values))
        evaluate(nodes)
        places = np.array(_layout(nodes))
        x, y = places.T
        panel = Panel(
            "graph",
            x=(float(x.min() - 0.5), float(x.max() + 0.5)),
            y=(float(y.min() - 0.7), float(y.max() + 0.7)),
            axes=False,
        )
        marks = [*_edges(nodes, places), *_nodes(nodes, places)]
        return Picture(marks, _walk(nodes), [panel], limits={"step": 2 * len(nodes)})


def given(text: str) -> dict[str, float]:
    """The values of `a=2, b=-1`."""
    values = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, _, number = part.partition("=")
        try:
            values[name.strip()] = float(number)
        except ValueError:
            raise StudentError(f"“{part}”: write values as a=2, b=-1.5") from None
    return values


def _edges(nodes: list[Node], places: np.ndarray) -> list[Mark]:
    ends = np.array([(places[i], places[k]) for k, n in enumerate(nodes) for i in n.inputs])
    if not len(ends):
        return []
    along = ends[:, 1] - ends[:, 0]
    start, along = ends[:, 0] + 0.18 * along, 0.64 * along
    return [
        Mark(
            kind="arrows",
            panel="graph",
            x=start[:, 0],
            y=start[:, 1],
            dx=along[:, 0],
            dy=along[:, 1],
            color="grey",
        )
    ]


def _layout(nodes: list[Node]) -> list[tuple[float, float]]:
    """Columns by depth; within a column, from top to bottom in the order of the formula."""
    columns: dict[int, list[int]] = {}
    for i, node in enumerate(nodes):
        columns.setdefault(node.column, []).append(i)
    places = [(0.0, 0.0)] * len(nodes)
    for column, members in columns.items():
        for row, i in enumerate(members):
            shift = 0.2 * (column % 2)
            places[i] = (float(column), (len(members) - 1) / 2 - row + shift)
    return places


def _nodes(nodes: list[Node], places: np.ndarray) -> list[Mark]:
    """The nodes, the one at work, and the numbers found so far: values above, gradients below.

    Step k ≤ n computes the value of node k − 1; step n + k hands back to node n − k.
    """
    count = len(nodes)
    x, y = places.T
    back = slice(None, None, -1)
    none = np.full(1, np.nan)
    at_work: dict[str, Any] = {"x": np.r_[none, x, x[back]], "y": np.r_[none, y, y[back]]}
    values = ["", *(show(node.value) for node in nodes)]
    gradients = [""] * (count + 1) + [show(node.gradient) for node in nodes[back]]
    waiting = np.full(count + 1, np.nan)
    ring: dict[str, Any] = {"kind": "points", "panel": "graph", "marker": "ring"}
    words: dict[str, Any] = {"kind": "words", "panel": "graph", "reveal": "step"}
    return [
        Mark(x=x, y=y, size=17, width=1.5, **ring),
        Mark(**at_work, size=17, width=4, color="red", pick="step", **ring),
        Mark(kind="words", panel="graph", x=x, y=y, words=[node.label for node in nodes]),
        Mark(x=np.r_[none, x], y=np.r_[none, y + 0.36], words=values, **words),
        Mark(
            x=np.r_[waiting, x[back]],
            y=np.r_[waiting, y[back] - 0.36],
            words=gradients,
            **words,
        ),
    ]


def _walk(nodes: list[Node]) -> list[Says]:
    """What happens at each step, in words."""
    said = ["Nothing is computed yet. Step on: values go forward, gradients back."]
    for node in nodes:
        said.append(f"Forward: node “{node.label}” has the value {show(node.value)}.")
    for k in reversed(range(len(nodes))):
        node = nodes[k]
        uses = sum(other.inputs.count(k) for other in nodes)
        more = f" It is used {uses} times; its shares add up." if uses > 1 else ""
        grows = f"the output grows by {show(node.gradient)} for each unit of “{node.label}”"
        said.append(f"Backward: {grows}.{more}")
    return [
        Says(text=said, pick="step"),
        Says(text="Above a node: its value. Below: the derivative of the output by it."),
    ]
