"""Pages read without what made them: their words in order, and their blocks of code."""

from __future__ import annotations

import re
from pathlib import Path

from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$]+?\$", re.DOTALL)
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.DOTALL | re.MULTILINE)
OURS = (
    "summary, figure, pre, math, .math, .headerlink, .toctree-wrapper, script, style,"
    " .downhill-prediction, .downhill-reveal, .downhill-take, .downhill-where, .downhill-heard"
)
"""What is not text of the source: folds' sentences, pictures, outputs, formulas, contents."""


def article(path: Path) -> BeautifulSoup:
    text = path.read_text("utf-8")
    start = text.index("<article")
    return BeautifulSoup(text[start : text.index("</article>")], "html.parser")


def blocks(page: BeautifulSoup) -> list[str]:
    """The code of a page, block by block."""
    return [pre.get_text().strip("\n") for pre in page.select("div.highlight pre")]


def words(page: BeautifulSoup) -> str:
    """All letters of its text, without blanks."""
    for each in page.select(OURS):
        each.decompose()
    return _letters(page)


def code_of(markdown: str) -> list[str]:
    """The blocks of code in Markdown."""
    tokens = MARKDOWN.parse(markdown)
    return [t.content.strip("\n") for t in tokens if t.type in ("fence", "code_block")]


def words_of(markdown: str) -> str:
    """The same of Markdown, as another reader of Markdown than the site's reads it."""
    kept: list[str] = []

    def keep(code: re.Match[str]) -> str:
        kept.append(code[0])
        return f"\x01{len(kept) - 1}\x02"

    plain = FORMULA.sub("∎", CODE.sub(keep, markdown))
    text = re.sub("\x01(\\d+)\x02", lambda place: kept[int(place[1])], plain)
    return words(BeautifulSoup(MARKDOWN.render(text), "html.parser")).replace("∎", "")


def _letters(page: BeautifulSoup) -> str:
    return re.sub(r"\s+", "", page.get_text())
