"""Whether a cell does more than its names say: it changes a module, the process, or a file.

Such a cell, `sys.path.append("lib")` or `np.random.seed(0)`, binds nothing that an answer uses, and
an answer may need it all the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from autograder.grading.lean import plain

SHOWING = ("matplotlib", "helpers", "IPython", "ipywidgets", "time")
"""Modules that are called to show something, or to wait; nothing else comes of that."""
FILES = frozenset({"open", "write_text", "write_bytes", "mkdir", "tofile", "dump", "touch"})
"""Who writes files, whatever it is called on."""


@lru_cache(maxsize=1024)
def imported(source: str) -> Mapping[str, str]:
    """The names that a cell imports, each with the module that it comes from."""
    found: dict[str, str] = {}
    for node in _nodes(source):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: node.module or "" for alias in node.names}
    return found


def acts(sources: Sequence[str], asked: Sequence[bool]) -> list[bool]:
    """Of a notebook's cells, which of those that are asked about act."""
    if not any(asked):
        return [False] * len(sources)
    modules: dict[str, str] = {}
    for source in sources:
        modules |= imported(source)
    changing = {n for n, module in modules.items() if module.partition(".")[0] not in SHOWING}
    return [
        one and any(names & (changing | FILES) for names in _changed(source))
        for source, one in zip(sources, asked, strict=True)
    ]


def _changed(source: str) -> Iterator[set[str]]:
    """What is written into, or called for its effect, as all the names along the way to it."""
    for node in _nodes(source):
        match node:
            case ast.Expr(value=ast.Call(func=func)):
                yield _way(func)
            case (
                ast.Attribute(ctx=ast.Store() | ast.Del())
                | ast.Subscript(ctx=ast.Store() | ast.Del())
            ):
                yield _way(node)
            case ast.withitem(context_expr=ast.Call(func=func)):
                yield _way(func)


def _way(node: ast.expr) -> set[str]:
    """`Path("a").parent.mkdir`: the names Path, parent and mkdir."""
    found = set()
    while True:
        match node:
            case ast.Attribute(value=inner, attr=name):
                found.add(name)
            case ast.Subscript(value=inner) | ast.Call(func=inner):
                pass
            case ast.Name(id=name):
                return found | {name}
            case _:
                return found
        node = inner


def _nodes(source: str) -> Iterator[ast.AST]:
    try:
        yield from ast.walk(ast.parse(plain(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
