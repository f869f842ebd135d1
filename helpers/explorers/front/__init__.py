"""The front end: a few files of JavaScript, joined to one ES module, and a style sheet.

`question.js` is of predictions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
FILES = (
    "scene.js",
    "axes.js",
    "plot.js",
    "narrow.js",
    "controls.js",
    "handle.js",
    "explorer.js",
)
"""In the order in which each uses those before it."""


def module(files: Sequence[str] = FILES) -> str:
    """The files as one module, without comments: what they import of each other stands above."""
    text = "\n".join((HERE / name).read_text(encoding="utf-8") for name in files)
    text = re.sub(r"^ *(/\*\*.*?\*/|// .*?)\n", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^import .*? from \"\./.*?\";\n", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"^export (?=function|const)", "", text, flags=re.MULTILINE)


MODULE = module()
STYLE = (HERE / "style.css").read_text(encoding="utf-8")
