"""What a student's file or program shows, made harmless for whoever opens it in a browser.

Formgrader and the feedback pages put HTML, Markdown and LaTeX into the page as they are.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from bleach import clean
from bleach.css_sanitizer import CSSSanitizer

from autograder.course import WIDGET_VIEW

SHOWN = (
    "text/plain",
    "text/html",
    "text/markdown",
    "text/latex",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/svg+xml",
    "application/json",
    WIDGET_VIEW,
)
"""Types of outputs that are kept. Others are programs, or a page would not know them."""
MARKUP = ("text/html", "text/markdown", "text/latex")
"""Types that a page takes as they are. All others are escaped, or are pictures (SVG as well)."""
LARGEST = 300_000
"""Characters of HTML that are cleaned, which takes a second or more. A larger one is not shown."""

TAGS = frozenset(
    re.findall(
        r"\w+",
        """
        a abbr b blockquote br caption center cite code col colgroup dd del details dfn div dl dt em
        figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span
        strong sub summary sup table tbody td tfoot th thead tr tt u ul var
        """,
    )
)
ATTRIBUTES = {
    "*": ["class", "title", "style", "align", "dir", "lang"],
    "a": ["href"],
    "img": ["src", "alt", "width", "height"],
    "ol": ["start"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
}
PROTOCOLS = frozenset(("http", "https", "mailto", "data"))
STYLES = CSSSanitizer()

FRAME = re.compile(
    r'<div class="downhill-explorer"><iframe sandbox="allow-scripts" title="[^"<>]*" '
    r'srcdoc="[^"<>]*" loading="lazy" style="width:100%;height:\d+px;border:0"></iframe></div>'
)
"""An explorer: a page of its own, which the browser lets reach nothing around it."""

TAG = re.compile(rf"<(?=[a-zA-Z/!?])(?!/?(?:{'|'.join(sorted(TAGS))})\s*/?>)", re.IGNORECASE)
"""What begins a tag, other than a bare one of those above."""

BETWEEN = r"[\x00-\x20\\]*"
RUNNING_LINK = re.compile(
    "|".join(BETWEEN.join(word) for word in ("javascript:", "vbscript:")), re.IGNORECASE
)
"""Browsers pass over white space within a link's scheme, and Markdown over backslashes."""


def harmless_data(data: dict[str, Any]) -> dict[str, Any]:
    """The content of an output by type, as a notebook has it, without what could run."""
    found = {}
    for mime, value in data.items():
        if type(value) is list and all(type(line) is str for line in value):
            value = "".join(value)  # as nbformat reads lines
        if mime in SHOWN and (isinstance(value, str) or mime in (WIDGET_VIEW, "application/json")):
            found[mime] = harmless(mime, value)
    return found


def harmless(mime: str, value: Any) -> Any:
    """The content of an output of this type, without what could run."""
    if mime not in MARKUP or not isinstance(value, str):
        return value
    if mime == "text/html" and FRAME.fullmatch(value):
        return value
    return prose(value) if mime in ("text/markdown", "text/latex") else cleaned(value)


def prose(text: str) -> str:
    """Markdown or LaTeX. A space after `<` makes a tag a text, and means nothing in a formula."""
    plain = text
    while (unescaped := unescape(plain)) != plain:
        plain = unescaped
    if RUNNING_LINK.search(plain):
        text = RUNNING_LINK.sub("script :", plain)
    return TAG.sub("< ", text)


def harmless_metadata(metadata: Any) -> dict[str, dict]:
    """Sizes and descriptions of pictures: a page writes a size as it is, without quotes."""
    found = {}
    for mime, about in metadata.items() if isinstance(metadata, dict) else ():
        if isinstance(about, dict):
            sizes = {k: about[k] for k in ("width", "height") if type(about.get(k)) is int}
            alt = {"alt": about["alt"]} if isinstance(about.get("alt"), str) else {}
            found[str(mime)] = sizes | alt
    return found


def cleaned(text: str) -> str:
    """HTML with the tags and attributes above only."""
    if len(text) > LARGEST:
        return f"<p>({len(text):,} characters of HTML are not shown)</p>"
    if not set("<>&") & set(text):
        return text
    return str(clean(text, TAGS, ATTRIBUTES, protocols=PROTOCOLS, css_sanitizer=STYLES))
