"""A computation graph, a step at a time: forward values first, then backward gradients."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass

import ipywidgets as widgets
from matplotlib.figure import Figure

from helpers.explorers import style
from helpers.explorers.base import Explorer, StudentError, int_slider
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
    except SyntaxError:
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
    """The graph of a formula, and a slider that walks through it: `GraphViewer("a * b + a", a=2)`.

    Names without a value are 1. Type another formula, or other values as `a=2, b=-1`.
    """

    title = "A computation graph"

    def __init__(self, expression: str, **values: float):
        given = ", ".join(f"{name}={value:g}" for name, value in values.items())
        count = len(build(expression, values))
        super().__init__(
            {
                "expression": _text("formula", expression),
                "values": _text("values", given),
                "step": int_slider("step", 2 * count, 0, 2 * count),
            }
        )

    def graph(self) -> list[Node]:
        nodes = build(self.value("expression"), self.given())
        evaluate(nodes)
        return nodes

    def given(self) -> dict[str, float]:
        values = {}
        for part in filter(None, (p.strip() for p in self.value("values").split(","))):
            name, _, number = part.partition("=")
            try:
                values[name.strip()] = float(number)
            except ValueError:
                raise StudentError(f"“{part}”: write values as a=2, b=-1.5") from None
        return values

    def draw(self, figure: Figure) -> str:
        nodes = self.graph()
        count = len(nodes)
        self.controls["step"].max = 2 * count
        step = min(self.value("step"), 2 * count)
        axes = figure.subplots()
        axes.axis("off")
        places = _layout(nodes)
        axes.set_xlim(-0.5, max(x for x, _ in places) + 0.5)
        axes.set_ylim(min(y for _, y in places) - 0.7, max(y for _, y in places) + 0.7)
        for node, end in zip(nodes, places, strict=True):
            for i in node.inputs:
                axes.annotate(
                    "",
                    end,
                    places[i],
                    arrowprops={
                        "arrowstyle": "->",
                        "color": style.GREY,
                        "shrinkA": 17,
                        "shrinkB": 17,
                        "connectionstyle": "arc3,rad=0.06",
                    },
                )
        for k, (node, (x, y)) in enumerate(zip(nodes, places, strict=True)):
            now = k == step - 1 or k == 2 * count - step
            axes.plot(
                x,
                y,
                "o",
                markersize=27,
                color="white",
                zorder=2,
                markeredgecolor=style.ORANGE if now else style.BLACK,
                markeredgewidth=3 if now else 1,
            )
            axes.text(x, y, node.label, ha="center", va="center", zorder=3)
            if k < step:
                axes.text(x, y + 0.32, f"{node.value:.4g}", ha="center", color=style.BLUE)
            if 2 * count - step <= k:
                axes.text(
                    x, y - 0.32, f"{node.gradient:.4g}", ha="center", va="top", color=style.RED
                )
        return _what_happens(nodes, step)


def _text(name: str, value: str) -> widgets.Text:
    return widgets.Text(
        value=value,
        description=name,
        continuous_update=False,
        style={"description_width": "8em"},
        layout=widgets.Layout(width="32em"),
    )


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


def _what_happens(nodes: list[Node], step: int) -> str:
    count = len(nodes)
    if step == 0:
        return "Nothing is computed yet. Move the slider: values go forward, gradients back."
    if step <= count:
        node = nodes[step - 1]
        return f"Forward: node “{node.label}” has the value {node.value:.6g}."
    node = nodes[2 * count - step]
    text = f"Backward: the output grows by {node.gradient:.6g} for each unit of “{node.label}”."
    uses = sum(other.inputs.count(2 * count - step) for other in nodes)
    return text + (f" It is used {uses} times; its shares add up." if uses > 1 else "")
