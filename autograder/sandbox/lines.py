"""Lines of a cell that need a person, a terminal or a network cost themselves and no other line.

In Jupyter `input()` asks, `%pip` installs and a widget opens. Here they fail; what follows in the
cell runs all the same.
"""

from __future__ import annotations

import ast
import bdb
import pdb
import re
import sys
from typing import Any, NoReturn

ASKING = {"input", "getpass", "breakpoint", "set_trace", "post_mortem"}
"""Who calls one of these waits for somebody at a keyboard."""
OF_COLAB = {"mount", "flush_and_unmount", "upload"}
"""What its modules `drive` and `files` do, which are nowhere else."""
OF_WINDOWS = {"use", "switch_backend"}
"""How matplotlib is asked for a window."""
OF_THE_SHELL = {"run_line_magic", "system", "getoutput"}
"""What IPython makes of lines that begin with % or !."""

NOT_PYTHON = re.compile(
    r"""\A\s | ^\s*(?:[!?%,;/]|>>>|\.\.\.|In\ \[) | =[\s\\]*[!%] | \?\s*$  # IPython's own
    | ^[ \t]+$ | [\r\v\f\x1c-\x1e\x85\u2028\u2029]  # what it cleans, and its further ends of a line
    """,
    re.MULTILINE | re.VERBOSE,
)
"""What IPython may make something else of before Python reads a cell; in a text, too."""
GUARDED = re.compile(
    rf"\bgoogle\b|\b(?:{'|'.join(sorted(ASKING | OF_COLAB | OF_WINDOWS | OF_THE_SHELL))})\b\W*\("
)
"""What `OneLine` may look for in a cell; in a text, too."""


def stands_as_it_is(source: str) -> bool:
    """Whether a cell is Python as it stands, surely, to IPython and to `OneLine`."""
    return "\n" in source.rstrip() and not (NOT_PYTHON.search(source) or GUARDED.search(source))


def nobody_debugs(*_: Any, **__: Any) -> NoReturn:
    raise bdb.BdbQuit("nobody is there to debug")


def goes_on(*_: Any, **__: Any) -> None:
    """What is left in an answer by mistake costs nothing."""


def without_debugger() -> None:
    """`breakpoint()` goes on, as in Jupyter where no debugger is attached.

    pdb's own call ends where it stands: it would trace on, and end what comes behind it.
    """
    sys.breakpointhook = goes_on
    pdb.set_trace = nobody_debugs


class OneLine(ast.NodeTransformer):
    """Put each such statement of a cell's top level into a `try`, which shows its error."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        node.body = [_guarded(each, shows=each is node.body[-1]) for each in node.body]
        return ast.fix_missing_locations(node)


def _guarded(node: ast.stmt, shows: bool) -> ast.stmt:
    """shows: what an expression comes to is the cell's value."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node
    called = {_called(part) for part in ast.walk(node) if isinstance(part, ast.Call)}
    caught = []
    if called & ASKING:
        caught = ["EOFError", "__import__('bdb').BdbQuit"]
    elif called & OF_THE_SHELL and isinstance(node, ast.Expr | ast.Assign):
        caught = ["Exception"]
    elif called & OF_WINDOWS or _of_colab(node):
        caught = ["ImportError"]
    elif called & OF_COLAB:
        caught = ["NameError", "AttributeError"]
    if not caught:
        return node
    whole = ast.parse(
        f"try: pass\nexcept ({', '.join(caught)},): get_ipython().showtraceback(tb_offset=1)"
    ).body[0]
    assert isinstance(whole, ast.Try)
    whole.body = [_shown(node.value) if shows and isinstance(node, ast.Expr) else node]
    return ast.copy_location(whole, node)


def _shown(value: ast.expr) -> ast.stmt:
    """What IPython does with the value of a cell's last line, as of `%time f(1)`."""
    hook = ast.parse("get_ipython().displayhook", mode="eval").body
    return ast.Expr(ast.Call(hook, [value], []))


def _of_colab(node: ast.stmt) -> bool:
    match node:
        case ast.ImportFrom(module=str() as name) | ast.Import(names=[ast.alias(name=name)]):
            return name.split(".")[:2] in (["google"], ["google", "colab"])
    return False


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
