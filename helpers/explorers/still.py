"""A scene as a still picture, drawn by matplotlib: for print, and where no script runs."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import SymmetricalLogLocator
from PIL import Image
from PIL.Image import Dither

from helpers.explorers import style
from helpers.explorers.scene import BAR, Mark, Panel, Picture, resolve, sentence

MARKERS = {
    "circle": "o",
    "square": "s",
    "triangle": "^",
    "cross": "x",
    "star": "*",
    "ring": "o",
}
DPI = 100
SENTENCE, COLUMN = 112, 52
"""Letters in a line of a sentence: where it has the whole width, and one of two columns."""
LINE = 0.17
"""Inches from one line of a sentence to the next."""
LINEAR_PART = 1e-4
"""Of a symlog axis; the front end has the same."""


def draw(
    panels: Sequence[Panel], pictures: Sequence[Picture], values: Mapping[str, Any], height: int
) -> bytes:
    """The scene as a PNG, 720 pixels wide, in the colours of the style in use."""
    drawn = figure(panels, pictures, values, height)
    png = io.BytesIO()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        drawn.savefig(png, format="png", facecolor=_page(), metadata={"Software": None})
    return _small(png)


def figure(
    panels: Sequence[Panel], pictures: Sequence[Picture], values: Mapping[str, Any], height: int
) -> Figure:
    """The scene, drawn and not yet saved."""
    known = {panel.name: panel for panel in panels}
    known |= {panel.name: panel for picture in pictures for panel in picture.panels}
    sentences = _sentences(pictures, values)
    errors = _errors(pictures)
    wrong = LINE * (errors.count("\n") + 1) + 0.1 if errors else 0.0
    legend = round(LINE * _lines(sentences) + 0.1 + wrong, 2)
    drawn = Figure(figsize=(7.2, height / DPI + legend), dpi=DPI)
    FigureCanvasAgg(drawn)
    axes = _axes(drawn, known, height / DPI)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for picture in pictures:
            for mark in picture.marks:
                _mark(axes[mark.panel], mark, values)
        _legend(drawn, pictures, sentences, wrong / drawn.get_figheight())
        if errors:
            _wrong(drawn, errors, wrong / drawn.get_figheight())
    return drawn


def _small(png: io.BytesIO) -> bytes:
    """The same picture in the course's colours and their blends with the page: a third of it."""
    small = io.BytesIO()
    picture = Image.open(png).convert("RGB").quantize(palette=_palette(), dither=Dither.NONE)
    picture.save(small, format="png", optimize=True)
    return small.getvalue()


def _palette() -> Image.Image:
    colors = np.array([to_rgb(c) for c in (style.ink(), *style.ON_BOTH.values())])
    pages = np.array([_page(), to_rgb(style.paper())])[:, None, None]
    share = np.linspace(0, 1, 7)[:, None]
    blends = (255 * (share * pages + (1 - share) * colors[:, None])).round().reshape(-1, 3)
    palette = Image.new("P", (1, 1))
    palette.putpalette(np.unique(blends, axis=0).astype(int).ravel().tolist())
    return palette


def _page() -> tuple[float, float, float]:
    """Below the figure, opaque: a page that is seen through would be another one elsewhere."""
    return to_rgb(rcParams["figure.facecolor"])


def _axes(figure: Figure, panels: Mapping[str, Panel], high: float) -> dict[str, Axes]:
    """An axis for each panel, in the upper part of the figure, so many inches high."""
    rows = 1 + max(p.row for p in panels.values())
    columns = 1 + max(p.column for p in panels.values())
    weights = [max(p.weight for p in panels.values() if p.column == c) for c in range(columns)]
    share = high / figure.get_figheight()
    room = {"left": 0.09, "right": 0.98, "bottom": 1 - share + 0.14 * share / rows}
    room["top"] = 1 - 0.1 * share / rows
    if not any(panel.axes for panel in panels.values()):  # nothing is written around them
        room = {"left": 0.01, "right": 0.99, "bottom": 1 - 0.99 * share, "top": 1 - 0.01 * share}
    space = {"wspace": 0.32, "hspace": 0.45}
    grid = figure.add_gridspec(rows, columns, width_ratios=weights, **room, **space)
    axes = {}
    for name, panel in panels.items():
        axis = axes[name] = figure.add_subplot(grid[panel.row, panel.column])
        axis.set_xscale(panel.x_scale, **_linear_part(panel.x_scale))
        axis.set_yscale(panel.y_scale, **_linear_part(panel.y_scale))
        if panel.x_names:
            axis.set_xticks(range(len(panel.x_names)), panel.x_names)
        style.dress(axis, x=panel.x_label, y=panel.y_label, title=panel.title)
        if panel.x:
            axis.set_xlim(panel.x)
        if panel.y:
            axis.set_ylim(panel.y)
        if not panel.axes:
            axis.axis("off")
        axis.tick_params(labelsize=8)
        axis.minorticks_off()
        if panel.y_scale == "symlog":
            locator = SymmetricalLogLocator(base=10, linthresh=LINEAR_PART)
            locator.set_params(numticks=6)
            axis.yaxis.set_major_locator(locator)
    return axes


def _linear_part(scale: str) -> dict[str, float]:
    return {"linthresh": LINEAR_PART} if scale == "symlog" else {}


def _color(name: str | None) -> str:
    return style.ON_BOTH.get(name or "text", style.ink())


def _mark(axis: Axes, mark: Mark, values: Mapping[str, Any]) -> None:
    drawn = resolve(mark, values)
    x, y, color = drawn["x"], drawn["y"], _color(mark.color)
    alpha = 0.45 if mark.faint else 1.0
    if mark.kind == "line":
        dash = style.DASHES[mark.dash % len(style.DASHES)]
        axis.plot(x, y, linestyle=dash, color=color, linewidth=mark.width, alpha=alpha)
    elif mark.kind == "bars":
        axis.bar(x, y, BAR, color=color, alpha=alpha)
    elif mark.kind == "arrows":
        for here in zip(x, y, drawn["dx"], drawn["dy"], strict=True):
            arrow = {"arrowstyle": "->", "color": color, "alpha": alpha, "linewidth": mark.width}
            end = (here[0] + here[2], here[1] + here[3])
            axis.annotate("", end, here[:2], arrowprops=arrow)
    elif mark.kind == "words":
        for at_x, at_y, word in zip(x, y, mark.words or (), strict=False):
            look: dict[str, Any] = {
                "ha": "center",
                "va": "center",
                "fontsize": 9,
                "parse_math": False,
            }
            axis.text(at_x, at_y, word, color=color, **look)
    else:
        face = style.paper() if mark.marker == "ring" else color
        axis.plot(
            x,
            y,
            MARKERS[mark.marker],
            markersize=2 * mark.size * 0.72,
            color=color,
            markerfacecolor=face,
            alpha=alpha,
        )


def _sentences(pictures: Sequence[Picture], values: Mapping[str, Any]) -> list[str]:
    """What is said below the plot, in lines that fit: in two columns where there are several."""
    said = [
        sentence(says, values).replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")
        for picture in pictures
        for says in picture.says
    ]
    return [textwrap.fill(text, COLUMN if len(said) > 1 else SENTENCE) for text in said]


def _lines(sentences: Sequence[str]) -> int:
    """How many lines they take, column by column as a legend fills them."""
    each = [text.count("\n") + 1 for text in sentences]
    first = -(-len(each) // 2) if len(each) > 1 else len(each)
    return max(sum(each[:first]), sum(each[first:]))


def _errors(pictures: Sequence[Picture]) -> str:
    """What is wrong, in lines that fit."""
    errors = dict.fromkeys(picture.error for picture in pictures if picture.error)
    lines = [line for error in errors for line in error.splitlines()]
    return "\n".join(textwrap.fill(line, SENTENCE) for line in lines)


def _legend(
    figure: Figure, pictures: Sequence[Picture], sentences: Sequence[str], bottom: float
) -> None:
    """The sentences with samples of what they are about, above `bottom`."""
    samples = []
    for says in (says for picture in pictures for says in picture.says):
        looks: dict[str, Any] = {"color": _color(says.color), "linestyle": "none"}
        if says.marker:
            looks["marker"] = MARKERS[says.marker]
        elif says.color:
            looks["linestyle"] = style.DASHES[says.dash % len(style.DASHES)]
        samples.append(Line2D([], [], **looks))
    if sentences:
        look: dict[str, Any] = {
            "loc": "lower left",
            "bbox_to_anchor": (0.0, bottom),
            "ncols": 2 if len(sentences) > 1 else 1,
            "fontsize": 7.5,
            "frameon": False,
        }
        for text in figure.legend(samples, sentences, **look).get_texts():
            text.set_parse_math(False)


def _wrong(figure: Figure, errors: str, top: float) -> None:
    """What is wrong, below everything else: it lies across no curve."""
    edge = Line2D([0.03, 0.03], [0.15 * top, 0.85 * top], color=style.RED, linewidth=3)
    figure.add_artist(edge)
    look: dict[str, Any] = {"va": "center", "fontsize": 7.5, "parse_math": False}
    figure.text(0.04, 0.5 * top, errors, **look)
