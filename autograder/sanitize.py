"""What a student's file or program shows, made harmless for whoever opens it in a browser.

Formgrader and the feedback pages put HTML, Markdown and LaTeX into the page as they are.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from bleach import clean
from bleach.css_sanitizer import CSSSanitizer

SCRIPTS = ("application/javascript", "application/x-javascript", "text/javascript")
"""Types that are nothing but a program."""
MARKUP = ("text/html", "text/markdown", "text/latex", "image/svg+xml")
"""Types that a page takes as they are. All others are escaped, or are pictures."""

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


def cleaned(text: str) -> str:
    return str(clean(text, TAGS, ATTRIBUTES, protocols=PROTOCOLS, css_sanitizer=STYLES))
