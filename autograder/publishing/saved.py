"""What a worked notebook holds of its explorers: the pictures in its pages, read back."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from dataclasses import dataclass
from html import unescape
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course import Course

_PAGE = re.compile(r'srcdoc="([^"]*)"')
_SAVED = re.compile(r'data-saved="([^"]*)"')


@dataclass(frozen=True)
class Saved:
    """One explorer as the worked notebook shows it.

    pictures: as `Explorer.answer` makes them, a layer and the values that it asked for with each;
    their arrays stand in `buffers`. still: a PNG; alt: what it shows, in words.
    """

    setting: dict[str, Any]
    values: dict[str, Any]
    pictures: list[dict[str, Any]]
    buffers: list[bytes]
    still: bytes
    alt: str

    def digest(self) -> str:
        """What pictures that were recorded for this explorer are held against."""
        said = [self.setting, self.values, self.pictures]
        total = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
        for buffer in self.buffers:
            total.update(buffer)
        return total.hexdigest()


def solution(course: Course, lesson: str) -> NotebookNode:
    """The worked notebook of a lesson, with its outputs."""
    return nbformat.read(course.solutions / lesson / f"{lesson}.ipynb", as_version=4)


def explorers(notebook: NotebookNode) -> dict[str, list[Saved]]:
    """Every explorer of a worked notebook, by the cell that shows it."""
    found: dict[str, list[Saved]] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            page = _PAGE.search(output.get("data", {}).get("text/html", ""))
            saved = page and _SAVED.search(unescape(page[1]))
            if saved:
                found.setdefault(cell.id, []).append(_read(saved[1], output))
    return found


def _read(packed: str, output: NotebookNode) -> Saved:
    raw = zlib.decompress(base64.b64decode(packed))
    at = 4 + int.from_bytes(raw[:4], "little")
    told = json.loads(raw[4:at])
    buffers = []
    for size in told["sizes"]:
        buffers.append(raw[at : at + size])
        at += size
    still = base64.b64decode(output.data["image/png"])
    alt = output.metadata["image/png"]["alt"]
    return Saved(told["setting"], told["values"], told["pictures"], buffers, still, alt)
