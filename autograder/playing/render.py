"""Code and Markdown as HTML: nbconvert's own filters, shared by all that renders.

Either may take time that grows with the square of a text, or worse. It has an end, but whoever
renders what a student wrote bounds its size before.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from nbconvert.filters import Highlight2HTML, strip_files_prefix
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import HighlightMagicsPreprocessor

from autograder.playing.formulas import formula
from autograder.playing.patience import within

Attached = dict[str, dict[str, str]]
"""Pictures that Markdown shows, by name: their content by type, as a notebook keeps them."""

LONGEST = 1.5
"""Seconds of this process's own for one text; beyond them it is `TooLong`."""
SHORT = 4000
"""Characters of a text that is kept with its HTML, because others of a class may have the same."""
ABOVE = 2
"""Levels of a page's own headings, which those of a text stand below."""

MAGIC = ("%", "!", "?")
"""How a line of IPython's own begins."""
FORMULA = re.compile(r"<math.*?</math>", re.DOTALL)

_highlight = Highlight2HTML(pygments_lexer="ipython3")
_language = HighlightMagicsPreprocessor().which_magic_language


def code(source: str) -> str:
    """A cell of IPython, highlighted: in another language where its first line asks for one."""
    return _code_kept(source) if len(source) <= SHORT else _code(source)


def _code(source: str) -> str:
    with within(LONGEST):
        if not any(line.lstrip()[:1] in MAGIC for line in source.split("\n")):
            return str(_highlight(source, "python3"))  # which is read in half the time
        about = {"magics_language": _language(source) or "ipython3"}
        return str(_highlight(source, metadata=about))


def markdown(source: str, attached: Attached | None = None) -> str:
    """Raises `InvalidNotebook` where a picture that it shows is not attached."""
    if attached or len(source) > SHORT:
        return _markdown(source, attached)
    return _markdown_kept(source)


class Renderer(IPythonRenderer):
    """HTML that needs no program: formulas are drawn, and what is wide is reached by keyboard."""

    def block_math(self, body: str) -> str:
        return formula(body, display=True)

    def inline_math(self, body: str) -> str:
        return formula(body)

    def latex_environment(self, name: str, body: str) -> str:
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        level = min(level + ABOVE, 6)
        return f"<h{level}>{text}</h{level}>\n"

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        words = FORMULA.sub("", text).strip()  # a heading of formulas alone has none to read out
        kind = "th" if head and words else "td"
        style = f' style="text-align:{align}"' if align in ("left", "center", "right") else ""
        return f"<{kind}{style}>{text}</{kind}>\n"

    def table(self, text: str) -> str:
        return wide(f"<table>\n{text}</table>\n", "table")


def wide(html: str, name: str) -> str:
    """What may be wider than a phone: it is scrolled, with a finger or with arrow keys."""
    return f'<div class="wide" tabindex="0" role="group" aria-label="{name}">{html}</div>'


def _markdown(source: str, attached: Attached | None = None) -> str:
    with within(LONGEST):
        renderer = Renderer(escape=False, attachments=attached or {})
        html = str(MarkdownWithMath(renderer).render(source))
        strip_files_prefix(html)  # as nbgrader's pages do: its time counts as well
    return html


_code_kept = lru_cache(maxsize=2000)(_code)
_markdown_kept = lru_cache(maxsize=2000)(_markdown)
