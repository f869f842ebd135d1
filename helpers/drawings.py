"""Drawings for a lesson: circuits with their numbers, matrices with their sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from helpers.explorers.style import BLUE, GREY, RED, ink, paper

Gate = tuple[float, float, str, str, str]
"""Where it stands, what is written in it, above it (its value), below it (its derivative)."""

Block = tuple[str, float, float] | tuple[str, float, float, str]
"""A matrix: its name with its sizes, how high and wide it is drawn, and what a dashed line parts
from the rest: its last `row` or its last `column`.
"""


def circuit(axes: Axes, gates: Mapping[str, Gate], wires: Iterable[tuple[str, str]]) -> None:
    """Gates as circles, values above them, derivatives below, and an arrow for each wire."""
    places = {name: gate[:2] for name, gate in gates.items()}
    for source, target in wires:
        axes.annotate(
            "",
            xy=places[target],
            xytext=places[source],
            arrowprops={
                "arrowstyle": "->",
                "color": GREY,
                "shrinkA": 15,
                "shrinkB": 15,
                "linewidth": 1.2,
            },
        )
    for x, y, label, value, derivative in gates.values():
        axes.plot(x, y, "o", markersize=26, markerfacecolor=paper(), markeredgecolor=ink())
        axes.text(x, y, label, ha="center", va="center", color=ink())
        axes.annotate(value, (x, y), (0, 17), textcoords="offset points", ha="center", color=BLUE)
        axes.annotate(
            derivative,
            (x, y),
            (0, -17),
            textcoords="offset points",
            ha="center",
            va="top",
            color=RED,
        )
    across, up = zip(*places.values(), strict=True)
    axes.set(xlim=(min(across) - 0.5, max(across) + 0.5), ylim=(min(up) - 0.6, max(up) + 0.6))
    axes.set_axis_off()


def matrices(axes: Axes, rows: Sequence[tuple[str, Sequence[Block | str]]]) -> None:
    """Rows of matrices drawn as blocks, with signs such as `=` between them.

    rows: what stands above each row, and its blocks and signs.
    """
    top = widest = 0.0
    for caption, row in rows:
        axes.text(0, top - 0.2, caption, ha="left", va="top")
        top -= 1.2
        height = max(part[1] for part in row if not isinstance(part, str))
        across, middle = 0.0, top - height / 2
        for part in row:
            if isinstance(part, str):
                axes.text(across + 0.5, middle, part, ha="center", va="center")
                across += 1.0
                continue
            name, high, wide, *parted = part
            low = middle - high / 2
            axes.add_patch(Rectangle((across, low), wide, high, facecolor=paper(), edgecolor=BLUE))
            if parted == ["row"]:
                axes.plot(
                    (across, across + wide), (low + 1, low + 1), "--", color=BLUE, linewidth=0.8
                )
            elif parted:
                x = across + wide - 1
                axes.plot((x, x), (low, low + high), "--", color=BLUE, linewidth=0.8)
            axes.text(across + wide / 2, middle, name, ha="center", va="center", fontsize=8)
            across += wide
        widest = max(widest, across)
        top -= height + 0.4
    axes.set(xlim=(-0.1, widest + 0.1), ylim=(top, 0.1), aspect="equal")
    axes.set_axis_off()
