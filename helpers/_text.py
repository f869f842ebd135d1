"""Text of a student's, made fit to be shown: in a verdict, in a table, on a terminal."""

from __future__ import annotations

MOST_LETTERS = 4000
"""Of what is shown of a text, where nothing else is said."""

KEPT = frozenset("\n\t\xa0\u1680\u202f\u205f\u3000\u200c\u200d") | frozenset(
    map(chr, range(0x2000, 0x200B))
)
"""Line ends, tabs, spaces of all widths, and the joiners that scripts are written with."""


def printable(text: str, most: int = MOST_LETTERS) -> str:
    """The text, or its beginning, with whatever cannot be printed written as `repr` writes it.

    So with half characters, escape sequences, and marks that turn the direction of what follows.
    """
    text = cut(text, most)
    if text.isprintable():
        return text
    return cut("".join(c if c.isprintable() or c in KEPT else repr(c)[1:-1] for c in text), most)


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
