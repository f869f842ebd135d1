"""Lines of equal height, as one line with gaps."""

from __future__ import annotations

import numpy as np
from contourpy import contour_generator


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
