"""Mechanical mistakes: every edit of one token of a function's syntax tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
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
    """A function's source with one token edited: its `kind`, and the `line` as it now reads.

    `token` is the token that was put in, where it is a name.
    """

    kind: str
    line: str
    source: str
    token: str = ""


def mutants(source: str) -> Iterator[Mutant]:
    """Every edit of one token of `source` that leaves it a program.

    Operators, comparisons, numbers (one more, one less, twice), signs, conditions, names (each
    other name that the function knows), functions that are easily confused, and keywords.
    """
    tree = ast.parse(source)
    names = _names(tree)
    seen = {ast.unparse(tree)}
    for path, node in list(_walk(tree)):
        for kind, token, change in _edits(node, names):
            copied = copy.deepcopy(tree)
            target = _at(copied, path)
            replacement = change(target)
            if replacement is not target:
                _put(copied, path, replacement)
            text = ast.unparse(ast.fix_missing_locations(copied))
            if text in seen or not _compiles(text):
                continue
            seen.add(text)
            yield Mutant(kind, _line(ast.unparse(tree), text), text + "\n", token)


Path = tuple[tuple[str, int | None], ...]


def _walk(node: ast.AST, path: Path = ()) -> Iterator[tuple[Path, ast.AST]]:
    """Every node below, with the way to it; what annotates a function is left out."""
    yield path, node
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "args") and not (
            field == "args" and isinstance(node, ast.Call)
        ):
            continue
        if isinstance(value, ast.AST):
            yield from _walk(value, (*path, (field, None)))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield from _walk(item, (*path, (field, i)))


def _at(tree: ast.AST, path: Path) -> ast.AST:
    for field, i in path:
        value = getattr(tree, field)
        tree = value if i is None else value[i]
    return tree


def _put(tree: ast.AST, path: Path, node: ast.AST) -> None:
    parent = _at(tree, path[:-1])
    field, i = path[-1]
    if i is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[i] = node


def _names(tree: ast.AST) -> list[str]:
    """Arguments and local variables, in order of appearance."""
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.arg != "self":
            found[node.arg] = None
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None
    return list(found)


Edit = tuple[str, str, Callable]


def _edits(node: ast.AST, names: list[str]) -> Iterator[Edit]:
    if isinstance(node, ast.BinOp | ast.AugAssign):
        for other in OPERATORS.get(type(node.op), ()):
            yield "operator", "", lambda n, o=other: _set(n, "op", o())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield "sign" if isinstance(node.op, ast.USub) else "condition", "", lambda n: n.operand
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARISONS.get(type(node.ops[0]), ()):
            yield "comparison", "", lambda n, o=other: _set(n, "ops", [o()])
    elif isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield "condition", "", lambda n, o=other: _set(n, "op", o())
    elif isinstance(node, ast.Constant):
        yield from _constants(node.value)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        for name in names:
            if name != node.id:
                yield "name", name, lambda n, i=name: _set(n, "id", i)
    elif isinstance(node, ast.Attribute) and node.attr in LIKE:
        yield "function", "", lambda n: _set(n, "attr", LIKE[n.attr])
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in LIKE:
        yield "function", "", lambda n: _set(n, "id", LIKE[n.id])
    elif isinstance(node, ast.Break):
        yield "condition", "", lambda n: ast.Continue()
    elif isinstance(node, ast.Continue):
        yield "condition", "", lambda n: ast.Break()


def _constants(value: object) -> Iterator[Edit]:
    if isinstance(value, bool):
        yield "keyword", "", lambda n: _set(n, "value", not n.value)
    elif isinstance(value, int | float):
        for changed in dict.fromkeys([value + 1, value - 1, 2 * value]):
            if changed != value:
                yield "number", "", lambda n, v=changed: _set(n, "value", v)


def _set(node: ast.AST, field: str, value: object) -> ast.AST:
    setattr(node, field, value)
    return node


def _compiles(text: str) -> bool:
    try:
        compile(text, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True


def _line(before: str, after: str) -> str:
    """The first line that differs, as it reads after the edit."""
    old, new = before.splitlines(), after.splitlines()
    for one, other in zip(old, new, strict=False):
        if one != other:
            return other.strip()
    return (new[-1] if new else "").strip()
