"""Colours that colour-blind eyes tell apart, and one look for every plot of the course."""

from __future__ import annotations

from matplotlib.axes import Axes

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


def dress(axes: Axes, *, x: str = "", y: str = "", title: str = "") -> Axes:
    """Label the axes, take away the box and lay a faint grid below the lines."""
    axes.set(xlabel=x, ylabel=y)
    if title:
        axes.set_title(title, fontsize=11, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    return axes
