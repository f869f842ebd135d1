"""The forms in which a notebook is handed in, and the cells in it.

Jupyter's own files of version 3 and 4, with ids and marks or without; and notebooks that are texts
(jupytext): Markdown, or Python in cells. Nothing is asked of a file but cells with a source.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from pathlib import PurePath
from typing import Any

import jupytext
import nbformat
from nbformat.v3.rwbase import rejoin_lines

from autograder.grading.files import Unreadable
from autograder.grading.names import TEXTS
from autograder.playing.patience import within

LARGEST_TEXT = 3_000_000
"""Characters of a notebook that is a text."""
PATIENCE = 5.0
"""Seconds that its reading may take."""
MOST_CELLS = 5000
"""Cells that are read; and as many behind them that bear nbgrader's marks."""
LONGEST_CELL = 100_000
"""Letters of one that is looked into; a parser cannot be interrupted."""
MOST_JOINING = 1_000_000
"""Letters that are parsed, all together, to find out which cells belong together: cells that go on
with each other for ever would be parsed as often as there are cells. Behind them each stands alone.
"""

HEADER = re.compile(r"\A\s*---\n.*?\n---\n", re.DOTALL)
"""What stands above a text notebook's first cell. Only its format is asked of it."""
MERGED = ("\n<<<<<<< ", "\n>>>>>>> ")
"""What git leaves in a file of which two versions were merged."""
PROMPTS = re.compile(r"^# In\[[\d ]*\]:[ ]*$", re.MULTILINE)
"""How nbconvert begins the code cells of a script."""
WORDS = re.compile(r"(?:\A|\n\n\n)(?=#)((?:#[^\n]*(?:\n|\Z)|\n)*)\Z")
"""And what stands behind one: cells of words, each of them comments."""
COLABS = re.compile(r'^"""(.*?)"""[ ]*$', re.MULTILINE | re.DOTALL)
"""How Colab writes cells of words in a script; the first says that it was Colab."""


@dataclass(frozen=True)
class SubmittedCell:
    """A cell as it was handed in.

    kind: code, markdown or raw. attachments: by their names what holds their data, by its type.
    mark: nbgrader's, if it has one, as far as it is of texts and numbers.
    """

    id: str
    grade_id: str
    source: str
    kind: str
    attachments: dict[str, dict] = field(default_factory=dict)
    mark: dict = field(default_factory=dict, compare=False)

    @property
    def code(self) -> bool:
        return self.kind == "code"


def read_cells(content: bytes, name: str = "") -> list[SubmittedCell]:
    """The cells of a submitted file, or `Unreadable`. name: the file's, which tells a text."""
    if content.startswith(b"PK"):
        raise Unreadable("the file is not a notebook: it is a zip archive")
    if PurePath(name).suffix.lower() in TEXTS and not content.lstrip().startswith(b"{"):
        cells = _of_text(content, PurePath(name).suffix.lower())
    else:
        cells = _of_json(content)
    more = (cell for cell in cells[MOST_CELLS:] if _is_marked(cell))
    return _joined(list(_cells([*cells[:MOST_CELLS], *islice(more, MOST_CELLS)])))


def _of_json(content: bytes) -> list:
    text = ""
    try:
        text = _decoded(content)
        notebook = json.loads(text)
    except (ValueError, RecursionError, MemoryError):
        raise Unreadable(f"the file is not a notebook: {_of_no_json(text)}") from None
    if isinstance(notebook, dict) and "worksheets" in notebook:
        notebook = _of_version_3(notebook)
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("the file is not a notebook: it has no list of cells")
    return cells


def _decoded(content: bytes) -> str:
    """Its text, in UTF-8 or as older Windows programs write it.

    What a crash fills up with zeros is left out.
    """
    content = content.rstrip(b"\0")
    if not json.detect_encoding(content).startswith("utf-8"):
        raise Unreadable("the file is not a notebook: it is UTF-16 text; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _of_no_json(text: str) -> str:
    """What this is, which is no JSON."""
    start = text[:20].lstrip().lower()
    if not text.strip():
        return "it is empty"
    if start.startswith(("<!doctype", "<html")):
        return "it is a web page"
    if all(mark in f"\n{text}" for mark in MERGED):
        return "it holds both sides of a merge that was not finished"
    if start.startswith("{") and not text.rstrip().endswith(("}", "]")):
        return "it breaks off before its end"
    return "it is not valid JSON"


def _of_version_3(notebook: dict) -> Any:
    try:
        with within(PATIENCE):
            for sheet in notebook["worksheets"]:
                for cell in sheet["cells"]:
                    cell["outputs"] = []  # they are not used, and take long to convert
            return nbformat.v4.upgrade(rejoin_lines(nbformat.from_dict(notebook)))
    except Exception:  # of a library that met what nobody foresaw, or `TooLong`
        raise Unreadable("the file is not a notebook: its version 3 cannot be read") from None


def _of_text(content: bytes, suffix: str) -> list:
    """The cells of a notebook that is a text; a script without marks of cells is one cell."""
    try:
        text = with_plain_ends(_decoded(content))
        if len(text) > LARGEST_TEXT:
            raise Unreadable(f"the file is not a notebook: a text above {LARGEST_TEXT:,} letters")
        head = HEADER.match(text.removeprefix("#")) if suffix == ".md" else None
        body = text[head.end() :] if head else text
        if suffix == ".md":
            form = "md:myst" if "{code-cell" in body else "md:markdown"
        else:
            body = in_cells(body)
            form = "py:percent" if re.search(r"^# ?%%", body, re.MULTILINE) else "py:light"
        with within(PATIENCE):
            return list(jupytext.reads(body, fmt=form).cells)
    except Unreadable:
        raise
    except Exception:  # of a library that met what nobody foresaw, or `TooLong`
        raise Unreadable("the file is not a notebook: its text cannot be read as one") from None


def in_cells(script: str) -> str:
    """A script that nbconvert or Colab has made of a notebook, with marks of cells."""
    if PROMPTS.search(script):
        first, *others = PROMPTS.split(script)
        return _words(first.split("\n\n")) + "".join(map(_code_and_words, others))
    pieces = COLABS.split(script)
    if "generated by Colab" not in "".join(pieces[1:2]):
        return script
    return "".join(
        _words([re.sub("^", "# ", piece, flags=re.MULTILINE)]) if words else f"# %%\n{piece}\n"
        for piece, words in zip(pieces, cycle((False, True)))
    )


def _code_and_words(piece: str) -> str:
    found = WORDS.search(piece)
    code = piece[: found.start()] if found else piece
    return "# %%\n" + code.strip("\n") + "\n\n" + _words(found[1].split("\n\n") if found else [])


def _words(blocks: list[str]) -> str:
    return "".join(f"# %% [markdown]\n{block.strip()}\n\n" for block in blocks if block.strip())


def _cells(cells: list) -> Iterator[SubmittedCell]:
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", "")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            continue
        about = cell.get("metadata")
        about = about if isinstance(about, dict) else {}
        mark = _plain(about.get("nbgrader"))
        kind = cell.get("cell_type")
        yield SubmittedCell(
            _text(cell.get("id")) or _text(about.get("id")),  # Colab's
            _text(mark.get("grade_id")),
            with_plain_ends(source.removeprefix("\ufeff")),
            kind if kind in ("code", "markdown") else "raw",
            _attached(cell.get("attachments")),
            mark,
        )


def _attached(value: object) -> dict[str, dict]:
    """What was pasted into a cell, of which each is a text for each of its types."""
    if not isinstance(value, dict):
        return {}
    return {name: data for name, each in value.items() if (data := _plain(each))}


def _plain(value: object) -> dict[str, Any]:
    """A table of texts and numbers: what else a file may hold goes as deep as its author likes."""
    if not isinstance(value, dict):
        return {}
    return {k: v for k, v in value.items() if isinstance(v, str | int | float | None)}


def _is_marked(cell: object) -> bool:
    about = cell.get("metadata") if isinstance(cell, dict) else None
    return isinstance(about, dict) and "nbgrader" in about


def with_plain_ends(source: str) -> str:
    """Windows and old Macs end a line in another way, which is no change."""
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _joined(cells: list[SubmittedCell]) -> list[SubmittedCell]:
    """A cell that was split within a function or a class is one cell again."""
    made: list[SubmittedCell] = []
    left = MOST_JOINING
    for cell in cells:
        before = made[-1] if made else None
        if before is not None and _may_continue(before, cell):
            left -= len(before.source) + len(cell.source)
            if left >= 0 and _continues(before, cell):
                made[-1] = replace(before, source=f"{before.source}\n{cell.source}")
                continue
        made.append(cell)
    return made


def _may_continue(before: SubmittedCell, cell: SubmittedCell) -> bool:
    """Whether a cell looks like the rest of the one before it: its first line is indented."""
    first = next((line for line in cell.source.split("\n") if line.strip()), "")
    of_one = cell.grade_id in ("", before.grade_id)
    return before.code and cell.code and of_one and first[:1] in (" ", "\t")


def _continues(before: SubmittedCell, cell: SubmittedCell) -> bool:
    """Whether a cell makes no sense but as the rest of the one before it."""
    if _parsed(f"{before.source}\n{cell.source}") is None:
        return False
    rest, start = _parsed(textwrap.dedent(cell.source)), _parsed(before.source)
    if rest is None or start is None:
        return True
    return any(isinstance(node, ast.Return) or _is_method(node) for node in rest.body)


def _is_method(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and [a.arg for a in node.args.args][:1] == ["self"]


def _parsed(source: str) -> ast.Module | None:
    if len(source) > LONGEST_CELL:
        return None
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
