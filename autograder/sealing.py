"""The answers to a lesson's predictions: taken out of its cells, and kept where nobody looks.

A source says

    guess.reveal("a quarter", "the ratio is {ratio:.2f}", ratio=r, within={"ratio": (3, 5)})

What is released says `guess.reveal(ratio=r)`, and the rest goes, packed, into
`helpers/sealed/LESSON.json`.
"""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from helpers._sealed import Secret, key_of, pack, unpack

WIDTH = 88
"""Characters of a line that a cell shows without scrolling."""

MAGIC = re.compile(r"^(\s*)[%!]", re.MULTILINE)


class Unfit(Exception):
    """A prediction or its answer is not written as it must be; `line` is counted in its cell."""

    def __init__(self, line: int, reason: str):
        super().__init__(reason)
        self.line = line


@dataclass
class Sealed:
    """What was taken out, by question; and what could not be: lines of the source, and why."""

    secrets: dict[str, Secret] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)


def seal(notebook: NotebookNode, text: str) -> Sealed:
    """Take every answer out of the notebook's cells, in place.

    text: the source that the notebook was read from, in which lines are counted.
    """
    sealed = Sealed()
    asked: dict[str, tuple[str, list[str]] | None] = {}
    place = 0
    for cell in notebook.cells:
        found = text.find(cell.source, place)
        if found >= 0:
            place = found + len(cell.source)
        if cell.cell_type != "code" or not re.search(r"Prediction\(|\.reveal\(", cell.source):
            continue
        first = text.count("\n", 0, found) + 1 if found >= 0 else 1
        try:
            cell.source = _without_answers(cell.source, asked, sealed.secrets)
        except Unfit as fault:
            sealed.faults.append((first + fault.line - 1, str(fault)))
        except SyntaxError as error:
            sealed.faults.append((first + (error.lineno or 1) - 1, f"no Python: {error.msg}"))
    return sealed


def _without_answers(
    source: str,
    asked: dict[str, tuple[str, list[str]] | None],
    secrets: dict[str, Secret],
) -> str:
    """The cell without its answers, which are added to the secrets by their question.

    asked: question and options by the name that the notebook has for them, so far; None where they
    are no literals.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        tree = ast.parse(MAGIC.sub(r"\1#", source))
    edits = []
    for node, outer in _in_order(tree):
        if isinstance(node, ast.Assign):
            _learn(node, asked)
        elif isinstance(node, ast.Call) and _tells(node):
            key, secret = _secret(node, asked)
            if secrets.setdefault(key, secret) != secret:
                raise Unfit(node.lineno, "the same question has another answer above")
            edits.append((node, outer if _holds_only(outer, node) else None))
    for call, around in reversed(edits):
        source = _replace(source, call, around)
    return source


def _in_order(tree: ast.AST) -> Iterator[tuple[Any, ast.AST]]:
    """Assignments and calls as they stand in the text, each with what it stands in."""
    pairs = [(child, node) for node in ast.walk(tree) for child in ast.iter_child_nodes(node)]
    chosen = [(n, outer) for n, outer in pairs if isinstance(n, ast.Assign | ast.Call)]
    yield from sorted(chosen, key=lambda pair: (pair[0].lineno, pair[0].col_offset))


def _learn(node: ast.Assign, asked: dict[str, tuple[str, list[str]] | None]) -> None:
    """`guess = Prediction("question", ["a", "b"])`."""
    match node:
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.Call(
                func=ast.Name(id="Prediction") | ast.Attribute(attr="Prediction")
            ) as made,
        ):
            given: list[ast.expr] = [*made.args, *(k.value for k in made.keywords)]
            try:
                question, options = map(ast.literal_eval, given)
                asked[name] = (str(question), [str(option) for option in options])
            except (ValueError, TypeError):
                asked[name] = None


def _tells(call: ast.Call) -> bool:
    """`NAME.reveal("answer", ...)`; one that computes its answer is left as it is."""
    match call.func:
        case ast.Attribute(value=ast.Name(), attr="reveal"):
            first = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "answer")]
            return any(isinstance(f, ast.Constant) and isinstance(f.value, str) for f in first)
    return False


def _secret(call: ast.Call, asked: dict[str, tuple[str, list[str]] | None]) -> tuple[str, Secret]:
    name = ast.unparse(call.func).removesuffix(".reveal")
    line = call.lineno
    if name not in asked:
        raise Unfit(line, f"above it there is no {name} = Prediction(...)")
    question = asked[name]
    if question is None:
        raise Unfit(
            line, f"{name}'s question and options must be literals, for it is known by them"
        )
    given: dict[str, Any] = {"answer": "", "because": "", "within": {}}
    if len(call.args) > 2:
        raise Unfit(line, "reveal takes an answer and a reason; give what is measured by its name")
    told = list(zip(given, call.args, strict=False))
    told += [(k.arg, k.value) for k in call.keywords if k.arg in given]
    for part, value in told:
        try:
            given[part] = ast.literal_eval(value)
        except ValueError:
            raise Unfit(
                value.lineno, f"{part} must be a literal: it is kept, not computed"
            ) from None
    measured = [k.arg for k in call.keywords if k.arg not in given]
    try:
        _fit(given, question[1], measured)
    except ValueError as error:
        raise Unfit(line, str(error)) from None
    given["within"] = {part: list(bounds) for part, bounds in given["within"].items()}
    return key_of(*question), given


def _fit(given: dict[str, Any], options: list[str], measured: list[str | None]) -> None:
    """Raise `ValueError` with a reason where this cannot be said to a student."""
    if not isinstance(given["within"], dict):
        raise ValueError("within gives each name of a value its (low, high)")
    if given["answer"] not in options:
        raise ValueError(f"{given['answer']!r} is not one of the options {options}")
    if None in measured:  # **values
        return
    for name in (*_places(given["because"], bool(measured)), *given["within"]):
        if name not in measured:
            raise ValueError(f"{name!r} is told of, and nothing of that name is measured")
    for name, bounds in given["within"].items():
        if not isinstance(bounds, tuple | list) or len(bounds) != 2:
            raise ValueError(f"within: {name!r} needs (low, high), not {bounds!r}")
        low, high = bounds
        if low is not None and high is not None and not low <= high:
            raise ValueError(f"nothing lies within {bounds}, the bounds of {name!r}")


def _places(because: str, filled: bool) -> Iterator[str]:
    """The names of the places in a reason. Where nothing is filled in, braces may be braces."""
    try:
        parsed = list(string.Formatter().parse(because))
    except ValueError as error:
        if filled:
            raise ValueError(f"the reason's braces: {error}") from None
        return
    for _, place, _, _ in parsed:
        name = re.split(r"[.\[]", place or "")[0]
        if (filled and place is not None) or name.isidentifier():
            yield name


# --- What is left of a call ---------------------------------------------------------------------


def _holds_only(outer: ast.AST, call: ast.Call) -> bool:
    """`print(guess.reveal(...))`."""
    match outer:
        case ast.Call(func=ast.Name(), args=[only], keywords=[]):
            return only is call
    return False


def _replace(source: str, call: ast.Call, outer: Any) -> str:
    whole: ast.Call = outer or call
    lines = source.encode().splitlines(keepends=True)  # ast counts bytes
    before = b"".join(lines[: whole.lineno - 1]) + lines[whole.lineno - 1][: whole.col_offset]
    last = (whole.end_lineno or 1) - 1
    after = lines[last][whole.end_col_offset :] + b"".join(lines[last + 1 :])
    head, tail = before.decode(), after.decode()
    line = head.rpartition("\n")[2]
    indent = line[: len(line) - len(line.lstrip())]
    room = WIDTH - len(line) - len(tail.partition("\n")[0])
    return head + _rewritten(source, call, outer, indent, room) + tail


def _rewritten(source: str, call: ast.Call, outer: Any, indent: str, room: int) -> str:
    left = [_argument(source, k) for k in call.keywords]
    left = [argument for argument in left if argument]
    name = ast.unparse(call.func)
    start, end = (f"{outer.func.id}(", ")") if outer else ("", "")
    short = f"{name}({', '.join(left)})"
    if len(start + short + end) <= room or not left:
        return start + short + end
    deeper = indent + " " * 4 if outer else indent
    if outer and len(deeper + short) <= WIDTH:
        return f"{start}\n{deeper}{short}\n{indent}{end}"
    inner = "".join(f"\n{deeper}    {argument}," for argument in left)
    long = f"{name}({inner}\n{deeper})"
    return f"{start}\n{deeper}{long}\n{indent}{end}" if outer else long


def _argument(source: str, given: ast.keyword) -> str:
    if given.arg in ("answer", "because", "within"):
        return ""
    text = ast.get_source_segment(source, given.value) or ""
    if "\n" in text or not text:
        text = ast.unparse(given.value)
    return f"{given.arg}={text}" if given.arg else f"**{text}"


# --- On disk ------------------------------------------------------------------------------------


def read(path: Path) -> dict[str, Secret]:
    """What is sealed in this file, by question; nothing where it cannot be read."""
    try:
        packed = json.loads(path.read_text(encoding="utf-8"))
        return {key: unpack(text) for key, text in packed.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def write(path: Path, secrets: dict[str, Secret]) -> bool:
    """Bring the file up to date; whether it changed. A lesson without predictions has none.

    It is compared by what it says: other machines may pack the same into other bytes.
    """
    if read(path) == secrets and path.exists() == bool(secrets):
        return False
    if secrets:
        path.parent.mkdir(parents=True, exist_ok=True)
        packed = {key: pack(secret) for key, secret in secrets.items()}
        path.write_text(json.dumps(packed, indent=1) + "\n", encoding="utf-8")
    else:
        path.unlink()
    return True
