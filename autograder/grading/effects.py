"""Whether a cell does more than its names say: it changes a module, the process, or a file.

Such a cell, `sys.path.append("lib")` or `np.random.seed(0)`, binds nothing that an answer uses, and
an answer may need it all the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autograder.grading.lean import Read, plain

SHOWING = ("matplotlib", "helpers", "IPython", "ipywidgets", "time")
"""Modules that are called to show something, or to wait; nothing else comes of that."""
FILES = frozenset({"open", "write_text", "write_bytes", "mkdir", "tofile", "dump", "touch"})
"""Who writes files, whatever it is called on."""


def acts(sources: Sequence[str], known: Sequence[Read | None], asked: Sequence[bool]) -> list[bool]:
    """Of a notebook's cells, which of those that are asked about act. known: what all cells say."""
    imports = {pair for read in known if read for pair in read.whole.imports}
    changing = {name for name, module in imports if module.partition(".")[0] not in SHOWING}
    return [
        one and any(names & (changing | FILES) for names in _changed(source))
        for source, one in zip(sources, asked, strict=True)
    ]


def _changed(source: str) -> Iterator[set[str]]:
    """What is written into, or called for its effect, as all the names along the way to it."""
    for node in ast.walk(ast.parse(plain(source))):
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
