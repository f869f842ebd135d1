"""Predictions that are answered on a page: what is right is there, packed, and shown afterwards.

Where a notebook prints “You predicted …” stands a place that is filled when the question has been
answered. What was measured is what the worked notebook's run came to.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html import escape

from nbformat import NotebookNode

from helpers._sealed import key_of, pack

_ASKED = re.compile(r"^ *(\w+) = Prediction\(", re.MULTILINE)
_TELLS = re.compile(r"(\w+)\.reveal\(")
_TOLD = re.compile(r"You made no prediction\. It is “(?P<answer>.*?)”(?:: (?P<reason>.*))?\.$")


def elements(notebook: NotebookNode) -> dict[str, str]:
    """The element of each cell of a worked notebook that asks for a prediction."""
    asked = _asked(notebook)
    told = {key: line for cell in notebook.cells for line, key in _told(cell, asked)}
    return {
        cell: _question(key, question, options, told[key])
        for cell, key, question, options in asked.values()
        if key in told
    }


def reveals(notebook: NotebookNode) -> dict[str, dict[str, str]]:
    """By cell, what stands in place of a line of its output: the line, and the element for it."""
    asked = _asked(notebook)
    found: dict[str, dict[str, str]] = {}
    for cell in notebook.cells:
        for line, key in _told(cell, asked):
            html = (
                f'<p class="downhill-reveal" data-prediction="{key}" data-sealed="{_sealed(line)}">'
                "Predict first, and what is so will stand here.</p>"
            )
            found.setdefault(cell.id, {})[line] = html
    return found


Asked = dict[str, tuple[str, str, str, list[str]]]
"""By the notebook's name for it: its cell, its key, the question and what there is to choose."""


def _asked(notebook: NotebookNode) -> Asked:
    found: Asked = {}
    for cell in notebook.cells:
        if cell.cell_type != "code" or not _ASKED.search(cell.source):
            continue
        for node in ast.walk(ast.parse(cell.source)):
            match node:
                case ast.Assign(
                    targets=[ast.Name(id=name)],
                    value=ast.Call(func=ast.Name(id="Prediction"), args=[asks, choices]),
                ):
                    question, options = ast.literal_eval(asks), ast.literal_eval(choices)
                    found[name] = (cell.id, key_of(question, options), question, options)
    return found


def _told(cell: NotebookNode, asked: Asked) -> Iterator[tuple[str, str]]:
    """Every line of a cell's output that tells an answer, and the key of its question."""
    names = _TELLS.findall(cell.source) if cell.cell_type == "code" else []
    texts = [output.get("text", "") for output in cell.get("outputs", [])]
    lines = [line for text in texts for line in text.splitlines() if _TOLD.match(line)]
    yield from zip(lines, (asked[name][1] for name in names), strict=True)


def _question(key: str, question: str, options: list[str], line: str) -> str:
    choices = "".join(
        f'<button type="button" value="{escape(option)}" aria-pressed="false">{escape(option)}'
        "</button>"
        for option in options
    )
    return (
        f'<div class="downhill-prediction" role="group" id="predict-{key}" '
        f'aria-labelledby="asked-{key}" data-prediction="{key}" data-sealed="{_sealed(line)}">'
        f'<p class="downhill-asked" id="asked-{key}">{escape(question)}</p>'
        f'<div class="downhill-choices">{choices}</div>'
        '<p class="downhill-verdict" role="status"></p></div>'
    )


def _sealed(line: str) -> str:
    """What a line tells, packed, so that nobody reads it by chance before its time."""
    found = _TOLD.match(line)
    assert found is not None, line
    return pack({"answer": found["answer"], "because": found["reason"] or ""})
