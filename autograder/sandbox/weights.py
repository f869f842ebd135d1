"""How many items one meets who walks through a value, lists within lists: there is a bound."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .pipe import ProtocolError
from .subclasses import base_of

MOST_ITEMS = 2_000_000
"""Of a message, counted as often as they are met when one walks through it."""
DEEPEST = 60
"""Lists within lists."""
WALKED = (list, tuple, dict, set, frozenset, np.ndarray)
GROWTH = 100
"""Items by which older lists may grow before all that holds them is weighed again."""


def weigh(values: Iterable) -> None:
    """Refuse lists that have become too large, by way of what they hold and what has changed."""
    known: dict[int, int] = {}

    def weight(value: Any, depth: int) -> int:
        kind = type(value) if type(value) in WALKED else base_of(value)
        if kind is np.ndarray:
            return 1 + int(np.size(np.ndarray.view(value, np.ndarray)))
        if kind not in WALKED:
            return 1
        if id(value) not in known:
            if depth > DEEPEST:
                raise ProtocolError(f"lists within lists, more than {DEEPEST} deep")
            pairs = dict.items(value) if kind is dict else ()
            parts = [part for pair in pairs for part in pair] or kind.__iter__(value)
            known[id(value)] = 1 + sum(weight(part, depth + 1) for part in parts)
            if known[id(value)] > MOST_ITEMS:
                raise ProtocolError(f"more than {MOST_ITEMS:,} items, lists within lists")
        return known[id(value)]

    for value in values:
        weight(value, 0)
