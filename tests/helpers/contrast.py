"""Whether what is drawn can be seen: each mark of a figure against what lies below it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection, PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text

LINE, WORD, HELP, AREA = 2.0, 3.0, 1.5, 1.2
"""The least contrast of a line or marker, of a word, of lines that others are read against, and
of an area that only surrounds a line.

(WCAG 2.2 asks 3 of graphics; two colours of the palette have less on white, and come with a dash.)
"""

LOUD = 2.0
"""The contrast that no grid may reach."""


def luminance(rgb):
    """WCAG 2.2, relative luminance, of channels from 0 to 255."""
    c = np.asarray(rgb) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [
        0.2126,
        0.7152,
        0.0722,
    ]


def contrast(one, other):
    """WCAG 2.2, contrast ratio, of channels from 0 to 255."""
    low, high = sorted((luminance(one), luminance(other)))
    return float((high + 0.05) / (low + 0.05))


def over(color, below: np.ndarray, alpha: float | None = None) -> np.ndarray:
    """Channels of a colour that is laid over another."""
    *rgb, own = to_rgba(color, alpha)
    return own * 255 * np.array(rgb) + (1 - own) * below


def unseen(figure: Figure) -> list[str]:
    """What of a figure is hardly told from what it lies on, in words; and a grid that is loud."""
    figure.canvas.draw()
    page = over(figure.get_facecolor(), np.full(3, 255.0))
    found = [_word(text, page) for text in [*figure.texts, *_legend_words(figure)]]
    for axes in figure.axes:
        below = over(axes.patch.get_facecolor(), page) if axes.axison else page
        found += [_word(text, _below(text, axes, below)) for text in _words(axes)]
        found += [_line(line, below) for line in axes.lines]
        found += [_faint(*each, below) for each in _collected(axes)]
        found += [_faint("patch", *each, below) for each in _patches(axes)]
        found += [_loud(axes, below)]
    return [each for each in found if each]


def _faint(what: str, least: float, colors: list, below: np.ndarray) -> str:
    """Said of a mark, some of whose colours should be seen (an edge is enough, or a face)."""
    most = max((contrast(over(color, below), below) for color in colors), default=21.0)
    return f"{what}: {most:.1f}" if most < least else ""


def _word(text: Text, below: np.ndarray) -> str:
    if not text.get_visible() or not text.get_text().strip():
        return ""
    color = to_rgba(text.get_color(), text.get_alpha())
    return _faint(f"word {text.get_text()!r}", WORD, [color], below)


def _words(axes: Axes) -> Iterator[Text]:
    yield from axes.texts
    if axes.axison:
        yield from [axes.xaxis.label, axes.yaxis.label]
        yield from [*axes.get_xticklabels(), *axes.get_yticklabels()]
    yield from [axes.title, axes._left_title, axes._right_title]
    if axes.get_legend():
        yield from axes.get_legend().get_texts()


def _legend_words(figure: Figure) -> Iterator[Text]:
    for legend in figure.legends:
        yield from legend.get_texts()


def _below(text: Text, axes: Axes, below: np.ndarray) -> np.ndarray:
    """A word lies on its own box; else on a rectangle or a large marker; else on the axes."""
    box = text.get_bbox_patch()
    if box is not None:
        return over(box.get_facecolor(), below)
    if isinstance(text, Annotation):
        return below
    place = axes.transData.transform(text.get_position())
    if text.get_transform() is axes.transData:
        for patch in axes.patches:
            if isinstance(patch, Rectangle) and patch.get_window_extent().contains(*place):
                below = over(patch.get_facecolor(), below)
        for line in axes.lines:
            if line.get_marker() == "o" and line.get_markersize() > 15:
                centres = axes.transData.transform(line.get_xydata())
                if (np.hypot(*(centres - place).T) < line.get_markersize() / 2).any():
                    below = over(line.get_markerfacecolor(), below)
    return below


def _line(line: Line2D, below: np.ndarray) -> str:
    colors = []
    if line.get_linestyle() not in ("None", " ", "") and line.get_linewidth():
        colors.append(to_rgba(line.get_color(), line.get_alpha()))
    if line.get_marker() not in ("None", " ", "", None):
        both = (line.get_markerfacecolor(), line.get_markeredgecolor())
        colors += [to_rgba(color, line.get_alpha()) for color in both]
    if not line.get_visible() or not np.size(line.get_xdata()):
        return ""
    help_only = colors and all(to_rgba(c)[3] < 1 for c in colors)
    return _faint(f"line {line.get_label()!r}", HELP if help_only else LINE, colors, below)


def _collected(axes: Axes) -> Iterator[tuple[str, float, list]]:
    for each in axes.collections:
        if isinstance(each, ContourSet) and each.filled:
            continue  # an area that fades out; what is drawn on it is asked as if on the page
        edges, faces = each.get_edgecolors(), each.get_facecolors()
        name, least = type(each).__name__, LINE
        if isinstance(each, ContourSet | PolyCollection):
            least = HELP if isinstance(each, ContourSet) else AREA
        count = max(len(edges), len(faces)) if isinstance(each, Collection) else 0
        for k in range(count):
            colors = [c[k % len(c)] for c in (edges, faces) if len(c)]
            if any(c[3] for c in colors):
                yield name, least, colors


def _patches(axes: Axes) -> Iterator[tuple[float, list]]:
    arrows = [t.arrow_patch for t in axes.texts if getattr(t, "arrow_patch", None)]
    for patch in [*axes.patches, *arrows]:
        yield LINE, [c for c in (patch.get_facecolor(), patch.get_edgecolor()) if c[3]]


def _loud(axes: Axes, below: np.ndarray) -> str:
    lines = [tick.gridline for axis in (axes.xaxis, axes.yaxis) for tick in axis.get_major_ticks()]
    shown = [line for line in lines if line.get_visible()] if axes.axison else []
    ratio = max(
        (contrast(over(g.get_color(), below, g.get_alpha()), below) for g in shown), default=1
    )
    return f"the grid is loud: {ratio:.1f}" if ratio >= LOUD else ""
