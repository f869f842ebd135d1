"""Mechanical mistakes: every edit of one token of a function's syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
}
COMPARISONS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
LOOKALIKES = (
    ("sum", "mean"),
    ("max", "min"),
    ("argmax", "argmin"),
    ("maximum", "minimum"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("sin", "cos"),
    ("exp", "log"),
    ("sqrt", "square"),
    ("abs", "sign"),
    ("any", "all"),
    ("outer", "inner"),
    ("append", "insert"),
    ("shape", "size"),
)
LIKE = dict(LOOKALIKES) | {b: a for a, b in LOOKALIKES}


@dataclass(frozen=True)
class Mutant:
    """A function's source with one token edited: its `kind`, and the `line` as it now reads."""

    kind: str
    line: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Every edit of one token of `source` that leaves it a program.

    Operators, comparisons, numbers (one more, one less, twice), signs, conditions, names (each
    other name that the function knows), functions that are easily confused, and keywords. One
    variable for another, the least likely slip, comes last.
    """
    tree = ast.parse(source)
    before = ast.unparse(tree)
    seen = {before}
    for slot, kind, new in sorted(_edits(tree, _names(tree)), key=lambda edit: edit[1] == "name"):
        old = slot.put(new)
        text = ast.unparse(tree)
        slot.put(old)
        if text not in seen and _compiles(text):
            seen.add(text)
            yield Mutant(kind, _line(before, text), text + "\n")


@dataclass(frozen=True)
class Slot:
    """A place in a tree that holds something: a field of a node, or one item of a list field."""

    node: ast.AST
    field: str
    item: int | None = None

    def put(self, new: object) -> object:
        """Put `new` there; what was there before comes back."""
        old = getattr(self.node, self.field)
        if self.item is None:
            setattr(self.node, self.field, new)
            return old
        old[self.item], old = new, old[self.item]
        return old


Edit = tuple[Slot, str, object]
"""Where, of which kind, and what is put there."""


def _edits(tree: ast.AST, names: list[str]) -> Iterator[Edit]:
    for slot, node in _walk(tree):
        if isinstance(node, ast.BinOp | ast.AugAssign):
            for operator in OPERATORS.get(type(node.op), ()):
                yield Slot(node, "op"), "operator", operator()
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
            kind = "sign" if isinstance(node.op, ast.USub) else "condition"
            yield slot, kind, node.operand
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            for comparison in COMPARISONS.get(type(node.ops[0]), ()):
                yield Slot(node, "ops", 0), "comparison", comparison()
        elif isinstance(node, ast.BoolOp):
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield Slot(node, "op"), "condition", other
        elif isinstance(node, ast.Constant):
            for kind, value in _constants(node.value):
                yield Slot(node, "value"), kind, value
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
            for name in names:
                if name != node.id:
                    yield Slot(node, "id"), "name", name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in LIKE:
            yield Slot(node, "id"), "function", LIKE[node.id]
        elif isinstance(node, ast.Attribute) and node.attr in LIKE:
            yield Slot(node, "attr"), "function", LIKE[node.attr]
        elif isinstance(node, ast.Break | ast.Continue):
            yield slot, "condition", ast.Continue() if isinstance(node, ast.Break) else ast.Break()


def _constants(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, bool):
        yield "keyword", not value
    elif isinstance(value, int | float):
        for changed in dict.fromkeys([value + 1, value - 1, 2 * value]):
            if changed != value:
                yield "number", changed


def _walk(node: ast.AST) -> Iterator[tuple[Slot, ast.AST]]:
    """Every node below, with its slot; a function's arguments and annotations are left out."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        if field == "args" and not isinstance(node, ast.Call):
            continue
        items = value if isinstance(value, list) else [value]
        for i, item in enumerate(items):
            if isinstance(item, ast.AST):
                yield Slot(node, field, i if isinstance(value, list) else None), item
                yield from _walk(item)


def _names(tree: ast.AST) -> list[str]:
    """Arguments and local variables, in order of appearance."""
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.arg != "self":
            found[node.arg] = None
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None
    return list(found)


def _compiles(text: str) -> bool:
    try:
        compile(text, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True


def _line(before: str, after: str) -> str:
    """The first line that differs, as it reads after the edit."""
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return next((new for old, new in pairs if old != new), "").strip()
