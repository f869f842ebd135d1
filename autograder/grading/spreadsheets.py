"""No cell of a CSV file of ours begins what a spreadsheet would run, whoever chose its words."""

from __future__ import annotations

import unicodedata

RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes a cell for a formula by."""


def harmless(cell: str) -> str:
    """The cell, with a mark before it where a spreadsheet would take it for a formula."""
    seen = (c for c in unicodedata.normalize("NFKC", cell) if not _unseen(c))
    begins = "=" if cell[:1] in ("\t", "\r") else next(seen, " ")
    return f"'{cell}" if begins in RUNS else cell


def _unseen(c: str) -> bool:
    return c.isspace() or unicodedata.category(c) in ("Cc", "Cf")
