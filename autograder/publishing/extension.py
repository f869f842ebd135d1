"""What Sphinx is told besides its theme: formulas as MathML, which needs no program; titles."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError

from autograder.playing.formulas import formula

PRIMED = re.compile(r"<msup>(<mi>[^<]*</mi>)<m[io]>([′″‴])</m[io]></msup>")
"""A prime is raised by itself: raised once more it would be tiny, and within its letter."""


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("downhill", (inline, None), (block, None))
    app.connect("env-updated", whole_titles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def whole_titles(app: Sphinx, env: BuildEnvironment) -> None:
    """What a browser's tab and the search call a page: of each lesson there is one of “Letters”."""
    for name, title in env.titles.items():
        folder, _, page = name.rpartition("/")
        whole = title.astext()
        if folder.startswith("lessons/") and page != "index":
            whole = f"{whole} ({env.titles[f'{folder}/index'].astext()})"
        elif folder == "mistakes":
            whole = f"For instructors: {whole}"
        env.longtitles[name] = nodes.title("", whole)


def inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(drawn(node, display=False))
    raise nodes.SkipNode


def block(translator: Any, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math">{drawn(node, display=True)}</div>\n')
    raise nodes.SkipNode


def drawn(node: nodes.Element, display: bool) -> str:
    """Raises where the formula cannot be read: a page with its source in place of it is none."""
    source = node.astext()
    html = formula(source, display)
    if "<math" not in html:
        raise SphinxError(f"{node.source}:{node.line}: this formula cannot be drawn: {source}")
    return PRIMED.sub(r'<mrow>\1<mo lspace="0.1em" rspace="0em">\2</mo></mrow>', html)
