"""What is drawn on a plane of two parameters: lines of equal height, and where a path leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from contourpy import contour_generator

from helpers.explorers.scene import Mark


def contour_lines(
    x: np.ndarray, y: np.ndarray, heights: np.ndarray, levels: np.ndarray
) -> np.ndarray:
    """Points (N, 2) along every line of these levels, a row of nan after each line.

    x, y: the places of the columns and of the rows of `heights`.
    """
    generator = contour_generator(x, y, heights)
    lines = [
        np.vstack([np.asarray(line), [[np.nan, np.nan]]])
        for level in levels
        for line in generator.lines(level)
    ]
    return np.vstack(lines) if lines else np.full((1, 2), np.nan)


def way_out(path: np.ndarray, domain: Sequence[tuple[float, float]], color: str) -> list[Mark]:
    """A cross on the border where a path (N, 2) leaves the domain; none where it does not."""
    low, high = np.array(domain).T
    outside = ((path < low) | (path > high)).any(axis=1)
    if not outside.any():
        return []
    x, y = np.clip(path[np.argmax(outside)], low, high)
    look: dict[str, Any] = {"color": color, "marker": "cross", "size": 8}
    return [Mark(kind="points", panel="plane", x=np.array([x]), y=np.array([y]), **look)]
