"""The source behind a function or an error, where it is a cell's or a file's: text and syntax."""

from __future__ import annotations

import ast
import dis
import linecache
import re
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FrameType, FunctionType, ModuleType, TracebackType
from typing import Any

LAMBDA = "<lambda>"
MOST = 100
"""Characters of a piece of code that is quoted."""


def is_cell(filename: str) -> bool:
    """Whether this is the name that a notebook's cell has as a file."""
    return "ipykernel" in filename or filename.startswith(("<ipython-input", "<answer"))


def tree_of(filename: str) -> ast.Module | None:
    """The syntax tree of a cell or a file, or None where its source is not at hand."""
    return _parsed("".join(linecache.getlines(filename)))


@lru_cache(maxsize=8)
def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source) if source else None
    except (SyntaxError, ValueError, RecursionError):
        return None


def node_of(f: Any) -> ast.Lambda | ast.FunctionDef | None:
    """Where a function was written, or None."""
    return _node_of(f.__code__) if isinstance(f, FunctionType) else None


def _node_of(code: CodeType) -> ast.Lambda | ast.FunctionDef | None:
    tree = tree_of(code.co_filename)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Lambda) and code.co_name == LAMBDA:
            if node.lineno == code.co_firstlineno and _span(node.body) in _spans(code):
                return node
        elif isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if first == code.co_firstlineno:
                return node
    return None


def body_of(f: Any) -> str | None:
    """What a lambda computes, as it was written, on one line; None where that cannot be told."""
    if not isinstance(f, FunctionType) or f.__code__.co_name != LAMBDA:
        return None
    return _body_of(f.__code__, "".join(linecache.getlines(f.__code__.co_filename)))


@lru_cache(maxsize=256)
def _body_of(code: CodeType, source: str) -> str | None:
    """source: of its file, as it is now."""
    node = _node_of(code)
    return shown(node.body, code.co_filename) if isinstance(node, ast.Lambda) else None


def shown(node: ast.AST, filename: str) -> str:
    """Code on one line, short; `lambda x: x**2` within it as x ↦ x**2."""
    text = ast.get_source_segment("".join(linecache.getlines(filename)), node) or ""
    text = ast.unparse(node) if "\n" in text else text
    text = re.sub(r"\blambda ?([^:]*): ", _arrow, text)
    return text if len(text) <= MOST else text[: MOST - 1] + "…"


def _arrow(found: re.Match) -> str:
    names = found.group(1)
    return f"{names} ↦ " if names.isidentifier() else f"({names}) ↦ "


def _span(node: Any) -> tuple:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _spans(code: CodeType) -> set[tuple]:
    return set(code.co_positions())


# --- Where an error arose -----------------------------------------------------------------------


@dataclass(frozen=True)
class Spot:
    """The expression that raised an error, in the innermost frame of a notebook's cell.

    operands: the expressions whose values it works on; `unpacks` where it takes them apart.
    """

    frame: FrameType
    node: ast.AST
    operands: tuple[ast.expr, ...]
    unpacks: bool


def spot_of(traceback: TracebackType | None) -> Spot | None:
    """Where in a cell an error arose; None where it arose nowhere there, or cannot be told.

    Only of cells that run in this process: a grader, to which a line of a student's is mere text,
    must never come to evaluate it.
    """
    inner = None
    while traceback is not None:
        if is_cell(traceback.tb_frame.f_code.co_filename):
            inner = traceback
        traceback = traceback.tb_next
    if inner is None or inner.tb_frame.f_globals.get("__name__") != "__main__":
        return None
    code, place = inner.tb_frame.f_code, inner.tb_lasti // 2
    tree = tree_of(code.co_filename)
    positions = list(code.co_positions())
    if tree is None or place >= len(positions):
        return None
    step = dis.opname[code.co_code[inner.tb_lasti]]
    spanned = [n for n in ast.walk(tree) if hasattr(n, "lineno") and _span(n) == positions[place]]
    if not spanned:
        return None
    node = spanned[0]
    if step.startswith("UNPACK"):  # the position is that of the names on the left
        value = _assigned(tree, node)
        return Spot(inner.tb_frame, node, (value,), True) if value else None
    if step in ("GET_ITER", "FOR_ITER") and isinstance(node, ast.expr):
        node = node.generators[0].iter if isinstance(node, _COMPREHENSIONS) else node
        return Spot(inner.tb_frame, node, (node,), True)
    unpacks = isinstance(node, ast.Subscript)
    return Spot(inner.tb_frame, node, tuple(_operands(node)), unpacks)


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _assigned(tree: ast.Module, target: ast.AST) -> ast.expr | None:
    """What is assigned to these names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and target in node.targets:
            return node.value
    return None


def _operands(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.BinOp():
            return [node.left, node.right]
        case ast.AugAssign():
            return [node.target, node.value]
        case ast.Compare():
            return [node.left, *node.comparators]
        case ast.Call():
            return [*node.args, *(keyword.value for keyword in node.keywords)]
        case ast.Subscript():
            return [node.value, node.slice]
        case ast.UnaryOp():
            return [node.operand]
        case ast.Attribute():
            return [node.value]
    return []


def value_of(node: ast.expr, frame: FrameType) -> Any:
    """An expression's value in a frame, once more; whatever goes wrong is raised."""
    code = compile(ast.Expression(node), "<once more>", "eval")
    return eval(code, {**frame.f_globals, **frame.f_locals})


def names_in(node: ast.AST) -> list[str]:
    """The names that an expression uses, in their order."""
    found = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
    found.sort(key=lambda name: (name.lineno, name.col_offset))
    return list(dict.fromkeys(name.id for name in found))


def statement_of(filename: str, line: int) -> str:
    """The source of the smallest statement around a line, or ''."""
    tree = tree_of(filename)
    around = [
        node
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    smallest = min(around, key=lambda n: (n.end_lineno or 0) - n.lineno, default=None)
    return ast.unparse(smallest) if smallest else ""


def taker_of(f: Any, name: str) -> str | None:
    """The name of what `f` hands its `name` to, such as `backprop`; or None.

    A function of the notebook's or a method; numpy's and Python's own change nothing.
    """
    node = node_of(f)
    names = f.__globals__ if node else {}
    for call in ast.walk(node) if node else ():
        if not isinstance(call, ast.Call):
            continue
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if not any(isinstance(arg, ast.Name) and arg.id == name for arg in given):
            continue
        match call.func:
            case ast.Name(id=taker) if isinstance(names.get(taker), FunctionType | type):
                return taker
            case ast.Attribute(value=ast.Name(id=owner), attr=taker):
                if not isinstance(names.get(owner), ModuleType):
                    return taker
    return None
