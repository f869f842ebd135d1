"""A formula as a computation graph: its nodes, their values, and slopes that are measured."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from helpers.explorers.asking import StudentError
from helpers.explorers.scene import show
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
WRITTEN = {"×": "*", "−": "-", "^": "**"}
"""How an operation is named in the list that a backward pass is given, where it differs."""
WRITTEN_AS = {written: label for label, written in WRITTEN.items()}
MOST_NODES = 24
LONGEST = 20
"""Letters of a part of the formula that stand for its node in a sentence."""


@dataclass
class Node:
    """One node: what is written in it, the nodes it uses, how to compute it, and how deep it is.

    name: what it stands for, as it is written in the formula.
    """

    label: str
    inputs: tuple[int, ...] = ()
    compute: Callable | None = None
    name: str = ""
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

    def put(node: Node, part: ast.expr | None = None) -> int:
        written = ast.unparse(part) if part else node.label
        for plain, sign in (("-", "−"), ("**", "^"), ("*", "×")):
            written = written.replace(plain, sign)
        node.name = written if len(written) <= LONGEST else node.label
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
            return put(Node(show(part.value), value=float(part.value)))
        if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub):
            if isinstance(part.operand, ast.Constant):
                return visit(ast.Constant(-part.operand.value))  # type: ignore[operator]
            inner = visit(part.operand)
            return put(Node("neg", (inner,), lambda a: -a), part)
        if isinstance(part, ast.BinOp) and type(part.op) in OPERATORS:
            label, compute = OPERATORS[type(part.op)]
            return put(Node(label, (visit(part.left), visit(part.right)), compute), part)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            name = part.func.id
            if name in FUNCTIONS and len(part.args) == FUNCTIONS[name][0] and not part.keywords:
                compute = FUNCTIONS[name][1]
                return put(Node(name, tuple(visit(a) for a in part.args), compute), part)
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
    are handed back from node to node is what lesson 4 asks you to write.) At a tie a maximum
    listens to its first input, as in the lesson.
    """
    try:
        for node, value in zip(nodes, values_of(nodes), strict=True):
            node.value = value
        smooth = [_without_a_kink(node, nodes) for node in nodes]
        for i, node in enumerate(nodes):
            node.gradient = numerical_gradient(
                lambda v, i=i: values_of(smooth, i, v)[-1], node.value
            )
    except (ArithmeticError, ValueError, TypeError) as error:
        raise StudentError(f"it has no value there: {error}") from None


def _without_a_kink(node: Node, nodes: Sequence[Node]) -> Node:
    """The node itself; for a maximum one that is the input that is the larger now, the first at a
    tie: a small step then meets no kink."""
    if node.label != "max":
        return node
    a, b = (nodes[i].value for i in node.inputs)
    return replace(node, compute=(lambda a, b: a) if a >= b else (lambda a, b: b))


def listed(nodes: Sequence[Node]) -> list[tuple]:
    """The graph as lesson 4 writes it: a list of tuples (operation, place of an input, ...)."""
    return [
        (WRITTEN.get(node.label, node.label), *node.inputs) if node.compute else ("input",)
        for node in nodes
    ]


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
