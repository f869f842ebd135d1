"""Formulas as MathML, which every browser draws by itself: a page needs no network for them.

`latex2mathml` reads the TeX. What it makes is not taken as it is: it would write a student's
`<` and a link's address into the page. Only names and attributes that are listed here are written.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

LONGEST = 2000
"""Letters of a formula; a longer one is shown as it was written."""
DEEPEST = 60
"""Elements within each other."""

NAMES = frozenset(
    re.findall(
        r"\w+",
        """
        math mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt
        mstyle msub msubsup msup mtable mtd mtext mtr munder munderover
        """,
    )
)
ATTRIBUTES = frozenset(
    re.findall(
        r"\w+",
        """
        accent accentunder columnalign columnspan depth displaystyle fence form height largeop
        linethickness lspace mathvariant maxsize minsize movablelimits rowspan rspace scriptlevel
        separator stretchy symmetric width
        """,
    )
)
VALUE = re.compile(r"[a-z -]{1,60}|[+-]?\d{0,3}(?:\.\d{1,5})?(?:em|ex|px|pt|mu|cm|mm|in|%)?")


def formula(source: str, display: bool = False) -> str:
    """HTML of a formula in TeX, without the marks around it; the source itself where it is none."""
    make = _kept if len(source) <= 200 else _made
    try:
        drawn = make(source) if len(source) <= LONGEST else None
    except Exception:  # its own errors, and those of a parser that met what nobody foresaw
        drawn = None
    if drawn is None:
        return f"<code>{escape(source.strip())}</code>"
    if not display:
        return f"<math>{drawn}</math>"
    return (
        '<span class="wide" tabindex="0" role="group" aria-label="formula">'
        f'<math display="block">{drawn}</math></span>'
    )


def _made(source: str) -> str:
    root = convert_to_element(source)
    return "".join(written(child) for child in root)


_kept = lru_cache(maxsize=5000)(_made)


def written(element: Element, depth: int = 0) -> str:
    """An element as text. Raises `ValueError` for one that is nested too deeply."""
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    inner = words(element.text) + "".join(
        written(child, depth + 1) + words(child.tail) for child in element
    )
    if element.tag not in NAMES:
        return f"<mrow>{inner}</mrow>"
    about = "".join(
        f' {name}="{value}"'
        for name, value in element.attrib.items()
        if name in ATTRIBUTES and VALUE.fullmatch(value)
    )
    return f"<{element.tag}{about}>{inner}</{element.tag}>"


def words(text: str | None) -> str:
    """What stands in an element: signs are named there as HTML names them."""
    return escape(unescape(text)) if text else ""
