"""How a figure becomes a picture: as the inline backend shows it, for half of the time.

Half of what grading a lesson costs is its plots, so nothing is drawn or worked out twice.
"""

from __future__ import annotations

import functools
import io
from base64 import b64encode

import numpy as np
from IPython.core.pylabtools import print_figure
from matplotlib.axes import Axes
from matplotlib.backends import backend_agg
from matplotlib.figure import Figure
from matplotlib.spines import Spine
from matplotlib.transforms import Bbox
from PIL import Image

AROUND = 1.0
"""Inches around a figure in which labels and legends may lie."""
PAD = 0.1
"""Inches left around what is drawn, as matplotlib's `savefig.pad_inches`."""
COMPRESSION = 1
"""Of a PNG, from 0 to 9: a few per cent larger than matplotlib's 6, for a fifth of the time."""

EVERY_KIND = """
import matplotlib.pyplot as plt
figure, axes = plt.subplots(2, 3)
axes[0, 0].loglog([1e-12, 1e5], [1e-12, 1e5], "o--", label="α")
axes[0, 0].legend()
axes[0, 1].imshow([[0, 1]])
axes[0, 2].contour([[0, 1, 2], [1, 2, 3], [2, 3, 5]])
axes[1, 0].scatter([0, 1], [0, 1])
axes[1, 1].bar([0, 1], [0, 1])
axes[1, 2].annotate("$x^2$", (0, 0), (1, 1), arrowprops={})
figure.suptitle("x", style="italic", weight="bold")
"""
"""What plots are made of: drawn once in the warm process, so that fonts and caches are ready."""


def share_parser() -> None:
    """Labels such as 10⁻³ are parsed once; each renderer would begin anew."""
    backend_agg.MathTextParser = functools.cache(backend_agg.MathTextParser)  # type: ignore


def drawn_once(figure: Figure) -> str | None:
    """The PNG of a figure, as base64, cut to what is drawn on it; None where it is empty.

    The inline backend's `bbox_inches="tight"` draws twice: first to see how large everything is.
    Here a figure is drawn on a larger sheet, from which the blank border is cut. One with a layout
    of its own is taken whole.
    """
    if not figure.axes and not figure.lines:
        return None
    if figure.get_layout_engine() is not None:
        return print_figure(figure, bbox_inches=None, base64=True)
    picture = _cut(_sheet(figure), round(PAD * figure.dpi))
    if picture is None or _beyond(figure):
        return print_figure(figure, base64=True)
    buffer = io.BytesIO()
    opaque = picture[..., 3].min() == 255
    image = Image.fromarray(picture[..., :3] if opaque else picture)
    image.save(buffer, "png", dpi=(figure.dpi, figure.dpi), compress_level=COMPRESSION)
    return b64encode(buffer.getvalue()).decode()


def _sheet(figure: Figure) -> np.ndarray:
    """The figure with a border around it, as pixels: shape (height, width, 4)."""
    dpi = figure.dpi
    width, height = (int(size * dpi) + 2 * round(AROUND * dpi) for size in figure.get_size_inches())
    # Half a pixel more, which the canvas takes away.
    right, top = (width + 0.5) / dpi - AROUND, (height + 0.5) / dpi - AROUND
    buffer = io.BytesIO()
    figure.canvas.print_figure(
        buffer,
        dpi=dpi,
        format="rgba",
        facecolor=figure.get_facecolor(),
        edgecolor=figure.get_edgecolor(),
        bbox_inches=Bbox.from_extents(-AROUND, -AROUND, right, top),
    )
    return np.frombuffer(buffer.getbuffer(), dtype=np.uint8).reshape(height, width, 4)


def _beyond(figure: Figure) -> bool:
    """Is there a label, a legend or another thing outside of axes that the sheet does not hold?"""
    width, height = figure.get_size_inches()
    low = -AROUND * figure.dpi
    right, high = (width + AROUND) * figure.dpi, (height + AROUND) * figure.dpi
    renderer = backend_agg.RendererAgg(1, 1, figure.dpi)  # it only measures
    labels = [axis.label for axes in figure.axes for axis in axes._axis_map.values()]
    for artist in (*figure.get_default_bbox_extra_artists(), *labels):
        if not isinstance(artist, Axes | Spine):
            x0, y0, x1, y1 = artist.get_window_extent(renderer).extents
            if x0 < low or y0 < low or x1 > right or y1 > high:
                return True
    return False


def _cut(sheet: np.ndarray, pad: int) -> np.ndarray | None:
    """Without the border of one colour; None where all is blank, or what is drawn goes on."""
    colours = sheet.view(np.uint32)[..., 0]
    drawn = colours != colours[0, 0]
    rows, columns = (np.flatnonzero(drawn.any(axis=axis)) for axis in (1, 0))
    if not rows.size or min(rows[0], columns[0]) < pad:
        return None
    if rows[-1] >= len(sheet) - pad or columns[-1] >= sheet.shape[1] - pad:
        return None
    return sheet[rows[0] - pad : rows[-1] + pad + 1, columns[0] - pad : columns[-1] + pad + 1]
