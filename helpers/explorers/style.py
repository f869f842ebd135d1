"""Colours that colour-blind eyes tell apart, and one look for every plot of the course."""

from __future__ import annotations

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex

from helpers.surfaces import Surface

# Okabe and Ito's palette (Color Universal Design, 2008), by name.
BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
RED = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#767676"

CYCLE = (BLUE, RED, GREEN, PURPLE, ORANGE, SKY)
"""Lines in this order; give each a dash of its own as well."""

DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))

ON_BOTH = {"blue": BLUE, "red": RED, "green": GREEN, "purple": PURPLE, "grey": GREY}
"""The colours with a contrast of at least 3:1 on a light and on a dark page, for explorers."""

ORDER = ("blue", "red", "green", "purple")
"""Several lines of one explorer, in this order."""


QUIET = (0.5, 0.5, 0.5, 0.6)
"""Of lines that others are read against, such as those of equal height: half seen on any page."""

SHADE = LinearSegmentedColormap.from_list("shade", [(*QUIET[:3], 0.0), (*QUIET[:3], 0.35)])
"""From the page's own colour to a light grey on a white page, to a dark one on a black page."""


def ink() -> str:
    """The colour of text in the style in use: black on a light page, white on a dark one."""
    return to_hex(rcParams["text.color"])


def paper() -> str:
    """The colour of the page below a plot; a box filled with it is read in `ink`."""
    return to_hex(rcParams["axes.facecolor"])


def dress(axes: Axes, *, x: str = "", y: str = "", title: str = "") -> Axes:
    """Label the axes, take away the box and lay a faint grid below the lines."""
    axes.set(xlabel=x, ylabel=y)
    if title:
        axes.set_title(title, fontsize=11, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, color=QUIET, alpha=0.3, linewidth=0.6)
    axes.set_axisbelow(True)
    return axes


def levels(heights: np.ndarray) -> np.ndarray:
    """Heights for contour lines, closer together near the lowest."""
    low, high = float(np.nanmin(heights)), float(np.nanmax(heights))
    return low + (high - low) * np.linspace(0.02, 1, 16) ** 3


def contours(axes: Axes, surface: Surface) -> None:
    """Lines of equal height over a surface's domain, and its minima."""
    (low_x, high_x), (low_y, high_y) = surface.domain
    x, y = np.meshgrid(np.linspace(low_x, high_x, 120), np.linspace(low_y, high_y, 120))
    heights = surface(np.stack([x, y]))
    axes.contour(x, y, heights, levels=levels(heights), colors=[QUIET], linewidths=0.7)
    for minimum in surface.minima:
        axes.plot(*minimum, "*", color=GREY, markersize=9)
    dress(axes, x="x", y="y", title=surface.formula)
    axes.set(xlim=(low_x, high_x), ylim=(low_y, high_y))
