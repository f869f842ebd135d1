"""Code and Markdown as HTML: nbconvert's own filters, shared by all that renders.

Either may take time that grows with the square of a text, or worse: whoever renders what a student
wrote bounds its size before and its time around.
"""

from __future__ import annotations

from functools import lru_cache

from nbconvert.filters import Highlight2HTML, strip_files_prefix
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import HighlightMagicsPreprocessor

Attached = dict[str, dict[str, str]]
"""Pictures that Markdown shows, by name: their content by type, as a notebook keeps them."""

_highlight = Highlight2HTML(pygments_lexer="ipython3")
_language = HighlightMagicsPreprocessor().which_magic_language


@lru_cache(maxsize=2000)
def code(source: str) -> str:
    """A cell of IPython, highlighted: in another language where its first line asks for one."""
    return str(_highlight(source, metadata={"magics_language": _language(source) or "ipython3"}))


def markdown(source: str, attached: Attached | None = None) -> str:
    """Raises `InvalidNotebook` where a picture that it shows is not attached."""
    return _rendered(source, attached) if attached else _markdown(source)


@lru_cache(maxsize=2000)
def _markdown(source: str) -> str:
    return _rendered(source, {})


def _rendered(source: str, attached: Attached) -> str:
    html = MarkdownWithMath(IPythonRenderer(escape=False, attachments=attached)).render(source)
    strip_files_prefix(html)  # as nbgrader's pages do: its time counts as well
    return str(html)
