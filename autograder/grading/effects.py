"""Whether a cell does more than its names say: it changes a module, the process, or a file.

Such a cell, `sys.path.append("lib")` or `np.random.seed(0)`, binds nothing that an answer uses, and
an answer may need it all the same.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterable, Sequence, Set
from functools import lru_cache

from autograder.grading.lean import Read, plain

SHOWING = ("matplotlib", "helpers", "IPython", "ipywidgets", "time")
"""Modules that are called to show something, or to wait; nothing else comes of that."""
FILES = frozenset({"open", "write_text", "write_bytes", "mkdir", "tofile", "dump", "touch"})
"""Who writes files, whatever it is called on."""
MANAGING = frozenset({"os", "shutil", "subprocess", "sys", "zipfile", "tarfile", "urllib"})
"""Modules that are called for an effect also where a name is given to what they return."""
LINE = re.compile(r"^[ \t]*(?:!|%(?:cd|env|set_env|system|sx)\b)[ \t]*(?P<rest>.*)$", re.MULTILINE)
"""A command to the system, and IPython's own that change folder or environment."""
LOOKING = re.compile(r"(?:ls|cat|pwd|head|tail|nvidia-smi|(?:python3? -m )?pip|conda)\b[^>]*")
"""Commands that show or install something: nothing that they did would be there again."""


def acts(sources: Sequence[str], known: Sequence[Read | None], asked: Sequence[bool]) -> list[bool]:
    """Of a notebook's cells, which of those that are asked about act. known: what all cells say."""
    imports = {pair for read in known if read for pair in read.whole.imports}
    changing = {name for name, module in imports if module.partition(".")[0] not in SHOWING}
    managing = {name for name, module in imports if module.partition(".")[0] in MANAGING}
    nodes = [
        [*ast.walk(ast.parse(plain(source)))] if one else []
        for source, one in zip(sources, asked, strict=True)
    ]
    found = [
        bool(of_cell) and (_commands(source) or _acts(of_cell, changing | FILES, managing | FILES))
        for source, of_cell in zip(sources, nodes, strict=True)
    ]
    setting_up = {
        node.name
        for of_cell, so in zip(nodes, found, strict=True)
        for node in of_cell
        if so and isinstance(node, ast.FunctionDef)
    }
    return [
        so or _acts(of_cell, setting_up, setting_up)
        for of_cell, so in zip(nodes, found, strict=True)
    ]


def _commands(source: str) -> bool:
    """Whether it tells the system to do more than to show or install something."""
    return any(not LOOKING.fullmatch(line["rest"].strip()) for line in LINE.finditer(source))


def _acts(nodes: Iterable[ast.AST], changing: Set[str], managing: Set[str]) -> bool:
    """Whether one of these changes what is called so, or calls it for its effect."""
    for node in nodes:
        match node:
            case (
                ast.Expr(value=ast.Call(func=func)) | ast.withitem(context_expr=ast.Call(func=func))
            ):
                names, effects = _way(func), changing
            case ast.Assign(value=ast.Call(func=func)):
                names, effects = _way(func), managing
            case (
                ast.Attribute(ctx=ast.Store() | ast.Del())
                | ast.Subscript(ctx=ast.Store() | ast.Del())
            ):
                names, effects = _way(node), changing
            case ast.Import(names=aliases):
                if any(_own_module(alias.name) for alias in aliases):
                    return True
                continue
            case _:
                continue
        if names & effects:
            return True
    return False


@lru_cache(1000)
def _own_module(name: str) -> bool:
    """Whether this is no library: a file of the student's, imported for what it does."""
    try:
        return importlib.util.find_spec(name.partition(".")[0]) is None
    except (ValueError, ImportError):  # such as `__main__`
        return False


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
