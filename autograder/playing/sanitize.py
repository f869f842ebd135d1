"""What a student's file or program shows, made harmless for whoever opens it in a browser.

Formgrader and the feedback pages put HTML, Markdown and LaTeX into the page as they are. What
cannot be proved harmless and small is not shown, and a sentence says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import unquote

from bleach import clean
from bleach.css_sanitizer import ALLOWED_CSS_PROPERTIES, CSSSanitizer

from autograder.course import WIDGET_VIEW
from autograder.playing.pictures import JPEG, PNG, NoPicture, pixels
from helpers.explorers import page

PLAIN, HTML, PROSE = "text/plain", "text/html", ("text/markdown", "text/latex")
SHOWN = (PLAIN, HTML, *PROSE, PNG, JPEG)
"""Types of outputs that are kept. Others are programs, or a page would not know them."""

MIME = re.compile(r"[\w.+/-]{1,80}", re.ASCII)

LONGEST = {PLAIN: 100_000, HTML: 300_000, PROSE[0]: 20_000, PROSE[1]: 20_000}
"""Characters of an output. Cleaning the longest HTML takes a second or more, and Markdown's
formulas take time that grows with the square."""
MOST_COLOURS = 2000
"""Changes of colour in a text: a page copies the rest of the text at each."""
LONGEST_WIDTH = 10_000
"""Pixels of anything that HTML gives a size."""

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
VALUES = {
    "class": re.compile("dataframe"),  # others could be a part of Formgrader's own page
    "href": re.compile(r"\s*(?:https?://|mailto:|#).*", re.IGNORECASE | re.DOTALL),
    "width": re.compile(r"\d{1,4}(?:px|%)?"),
    "height": re.compile(r"\d{1,4}(?:px|%)?"),
    "start": re.compile(r"-?\d{1,6}"),
    "colspan": re.compile(r"\d{1,2}"),
    "rowspan": re.compile(r"\d{1,3}"),
}
"""What an attribute may be, where it may not be anything."""
STYLE = re.compile(r"(?:[\w\s:;,.#%!\"'+-]|(?:rgb|hsl)a?\([\d\s,.%/]*\))*")
NUMBER = r"(?<![#.\w])"
"""Where one begins, and no colour as #10203e."""
LARGE = re.compile(
    rf"{NUMBER}\d{{5}}|{NUMBER}[\d.]+e[-+]?\d|{NUMBER}\d{{3}}[\d.]*(?!p[xt])[a-z]"
    rf"|font(?:-size)?\s*:[^;]*{NUMBER}\d{{3}}[\d.]*p",
    re.IGNORECASE,
)
"""A style's value may have neither functions other than colours, nor sizes of 10,000 and more; of
100 and more in another unit than pixels and points, or of letters; all sizes in em are by these."""
PICTURE = re.compile(rf"data:({PNG}|{JPEG});base64,([A-Za-z0-9+/=]+)")
"""A picture within HTML. No other address is read: it would tell who looks at the page."""

FRAME = re.compile(
    r'<div class="downhill-explorer"><iframe sandbox="allow-scripts" title="[^"<>]*" '
    r'srcdoc="([^"<>]*)" loading="lazy" '
    r'style="width:100%;height:(\d{1,9})px;border:0"></iframe></div>'
)
"""An explorer: a page of its own, which the browser lets reach nothing around it."""

CONTAINED = "abbr|br|cite|del|dfn|hr|ins|kbd|mark|q|samp|span|sub|sup|var"
"""Tags that end with the paragraph that they stand in, also where nobody ends them."""
TAG = re.compile(rf"<(?=[a-zA-Z/!?])(?!/?(?:{CONTAINED})\s*/?>)", re.IGNORECASE)
"""What begins a tag, other than a bare one of those above."""
PAIR = re.compile(r"<(b|i|u|s|em|strong|code|small|tt)>[^<>`$\\\[\]\n]{0,500}</\1>", re.IGNORECASE)
"""Tags that would go on to the end of the page, around words of which none can hide their end."""

BETWEEN = r"[\x00-\x20\\]*"
RUNNING_LINK = re.compile(
    "|".join(BETWEEN.join(word) for word in ("javascript:", "vbscript:")), re.IGNORECASE
)
"""Browsers pass over white space within a link's scheme, and Markdown over backslashes."""
ESCAPES = 4
"""How often a letter may be escaped, `&amp;amp;#106;`, before no page would read it as a letter."""

ATTACHED = re.compile(r"!\[([^\[\]\n]{0,200})\]\(attachment:([^()\s]{1,300})\)")
"""A picture that was pasted into Markdown."""

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
"""What moves a terminal, other than an escape sequence: of those the colours are kept."""
SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[A-Za-z])?")
_BYTE = "0*(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_ONE = rf"(?:0*[34]8;0*(?:5;{_BYTE}|2;{_BYTE};{_BYTE};{_BYTE})|(?!0*[34]8(?:;|m))[0-9]{{0,3}})"
COLOUR = re.compile(rf"\x1b\[{_ONE}(?:;{_ONE}){{0,15}}m")
"""A change of colour. nbconvert fails on half a one, 38 with nothing behind it."""

MARKS = re.compile(r"\b(BEGIN|END) (?=HIDDEN|SOLUTION|MARK)")
"""nbgrader's own marks: it takes away what stands between them, or stops."""


@dataclass
class Room:
    """What a notebook may still show, all together.

    bytes: as they are written. seconds: that the grader may take to make it harmless.
    """

    bytes: int = 3_000_000
    pixels: int = 100_000_000
    seconds: float = 6.0


class NotShown(Exception):
    """The message says what is not shown, in brackets behind what is."""


# --- Outputs ------------------------------------------------------------------------------------


def harmless_data(data: dict[Any, Any], room: Room) -> tuple[dict[str, str], list[str]]:
    """The content of an output by type, as a notebook has it, without what could run.

    And sentences about what is not shown, where nothing is that would do in its place.
    """
    kept: dict[str, str] = {}
    lost = []
    for mime, value in data.items():
        try:
            kept[mime] = harmless(mime, value, room)
        except NotShown as reason:
            lost.append(str(reason))
    enough = set(kept) - {PLAIN} or (PLAIN in kept and set(data) <= {PLAIN, WIDGET_VIEW})
    return kept, [] if enough else lost


def harmless(mime: str, value: Any, room: Room) -> str:
    """The content of an output of this type, without what could run. Raises `NotShown`."""
    if mime == WIDGET_VIEW:
        raise NotShown("(a widget is not shown: it needs a running kernel)")
    if mime not in SHOWN:
        name = mime if MIME.fullmatch(mime) else "another type"
        raise NotShown(f"({name} is not shown)")
    if type(value) is list and all(type(line) is str for line in value):
        value = "".join(value)  # as nbformat reads lines
    if type(value) is not str:
        raise NotShown(f"({mime} that is no text is not shown)")
    if mime in (PNG, JPEG):
        return picture(mime, value, room)
    if mime == PLAIN:
        return text(value)
    if len(value) > LONGEST[mime]:
        raise NotShown(f"({len(value):,} characters of {mime} are not shown)")
    if mime == HTML:
        return explorer(value) or cleaned(text(value, LONGEST[HTML]), room)
    return prose(text(value))


def picture(mime: str, value: str, room: Room) -> str:
    """A picture in base64, which takes its pixels of the room."""
    value = "".join(value.split())
    try:
        count = pixels(mime, value)
    except NoPicture as reason:
        raise NotShown(f"(a picture is not shown: {reason})") from None
    if count > room.pixels:
        raise NotShown("(a picture is not shown: this notebook holds too many pixels)")
    room.pixels -= count
    return value


def text(value: str, most: int = LONGEST[PLAIN]) -> str:
    """A text as a terminal shows it, with its colours and without what moves anything else."""
    left = len(value) - most
    value = value[:most]
    value = CONTROL.sub("", value).encode("utf-8", "replace").decode()
    if "\x1b" in value:
        value = coloured(value)
    value = unmarked(value)
    return f"{value}\n... [{left:,} more characters are not shown]" if left > 0 else value


def coloured(value: str) -> str:
    """Without escape sequences other than whole changes of colour."""
    count = 0

    def kept(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return found[0] if count <= MOST_COLOURS and COLOUR.fullmatch(found[0]) else ""

    return SEQUENCE.sub(kept, value)


def unmarked(value: str) -> str:
    """nbgrader's marks with a space of another kind: they look the same and mean nothing."""
    return (
        MARKS.sub("\\1\N{NO-BREAK SPACE}", value) if "BEGIN" in value or "END" in value else value
    )


def harmless_metadata(metadata: Any, kept: dict[str, str]) -> dict[str, dict]:
    """Sizes and descriptions of pictures: a page writes a size as it is, without quotes."""
    found = {}
    for mime in (PNG, JPEG):
        about = metadata.get(mime) if type(metadata) is dict else None
        if mime in kept and type(about) is dict:
            sizes = {side: about.get(side) for side in ("width", "height")}
            sizes = {
                side: size
                for side, size in sizes.items()
                if type(size) is int and 0 < size < LONGEST_WIDTH
            }
            alt = about.get("alt")
            described = {"alt": text(alt, 2000)} if type(alt) is str else {}
            found[mime] = sizes | described
    return found


def explorer(value: str) -> str | None:
    """This HTML where it is a page of our own in a frame; None where it is no frame.

    Raises `NotShown` for a frame around anything else.
    """
    found = FRAME.fullmatch(value)
    if not found:
        return None
    if int(found[2]) > page.HIGHEST or not page.is_ours(found[1]):
        raise NotShown("(a page in a frame is not shown: it is no explorer of this course)")
    return value


# --- HTML ---------------------------------------------------------------------------------------


class Styles(CSSSanitizer):
    """Styles of words, colours and sizes: without addresses, and not beyond a page's size."""

    def sanitize_css(self, style: str) -> str:
        found = str(super().sanitize_css(style))
        return found if STYLE.fullmatch(found) and not LARGE.search(found) else ""


STYLES = Styles(allowed_css_properties=ALLOWED_CSS_PROPERTIES - {"cursor"})


def cleaned(value: str, room: Room) -> str:
    """HTML with the tags and attributes above only."""
    if not set("<>&") & set(value):
        return value
    html = str(clean(value, TAGS, allowed(room), protocols=PROTOCOLS, css_sanitizer=STYLES))
    if len(html) > 2 * LONGEST[HTML]:  # of tags that are never closed a browser makes more
        raise NotShown("(HTML that grows without bound is not shown)")
    return html


PROTOCOLS = frozenset(("http", "https", "mailto", "data"))


def allowed(room: Room) -> Callable[[str, str, str], bool]:
    """Whether a tag may have this attribute; pictures take of the room."""

    def is_allowed(tag: str, name: str, value: str) -> bool:
        if name not in ATTRIBUTES["*"] and name not in ATTRIBUTES.get(tag, []):
            return False
        if name == "src":
            found = PICTURE.fullmatch(value)
            try:
                return found is not None and bool(picture(found[1], found[2], room))
            except NotShown:
                return False
        return name not in VALUES or VALUES[name].fullmatch(value) is not None

    return is_allowed


# --- Markdown -----------------------------------------------------------------------------------


def prose(value: str, attached: dict[str, str] | None = None) -> str:
    """Markdown or LaTeX. A space after `<` makes a tag a text, and means nothing in a formula.

    A picture from elsewhere becomes a link to it. attached: the pictures that are there, by the
    names that the text has for them, and the names that they have now.
    """
    plain = value
    for _ in range(ESCAPES):
        plain, before = unescape(plain), plain
        if plain == before:
            break
    if RUNNING_LINK.search(plain):
        value = RUNNING_LINK.sub("script :", plain)
    return _pictures(_tagged(value), attached or {})


def _tagged(value: str) -> str:
    """With those tags that change nothing but the words between them."""
    parts = []
    at = 0
    for found in PAIR.finditer(value):
        parts += [TAG.sub("< ", value[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*parts, TAG.sub("< ", value[at:])])


def _pictures(value: str, attached: dict[str, str]) -> str:
    """With the pictures that are attached, and links in place of all others."""
    parts = []
    at = 0
    for found in ATTACHED.finditer(value):
        name = attached.get(unquote(found[2]))
        shown = f"![{found[1]}](attachment:{name})" if name else "*(a picture is not shown)*"
        parts += [_as_links(value[at : found.start()]), shown]
        at = found.end()
    return "".join([*parts, _as_links(value[at:])])


def _as_links(value: str) -> str:
    return value.replace("![](", "! [picture](").replace("![", "! [")


def in_full(value: str) -> str:
    """Any text as Markdown in which nothing means anything: as it stands, in letters of one width.

    No formula and no tag begins in it, so that no reader looks for an end.
    """
    return "<pre>\n" + "".join(f"&#{ord(c)};" if c in SPECIAL else c for c in value) + "\n</pre>"


SPECIAL = frozenset("\\`*_{}[]()<>#+-.!$&|~:^\"'=")
