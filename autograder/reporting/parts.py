"""Pieces of a page: tables, shaded numbers, small drawings; each can be read without seeing it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from autograder.reporting.statistics import Interval
from helpers._text import printable

MOST_SHADE = 0.6
"""How dark a cell may be, so that its number can be read on it in both themes."""


def text(words: object, most: int = 400) -> str:
    """Words of others, made harmless."""
    return escape(printable(str(words), most))


def percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def counted(count: int, what: str, more: str = "") -> str:
    """`1 student`, `2 students`; more: its plural where that is no s."""
    return f"{count} {what if count == 1 else more or what + 's'}"


def table(caption: str, head: Sequence[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """A table that scrolls by keyboard where it is too wide. Cells are HTML, or whole `<td>`s.

    The first of a row is its heading.
    """
    columns = "".join(f'<th scope="col">{each}</th>' for each in head)
    lines = []
    for first, *rest in rows:
        cells = "".join(c if c.startswith("<td") else f"<td>{c}</td>" for c in rest)
        lines.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="{kind}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{columns}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def shaded(share: float, content: str, kind: str = "") -> str:
    """A cell that is the darker the larger a share is; its number stands in it all the same."""
    shade = MOST_SHADE * min(max(share, 0.0), 1.0)
    named = f' class="{kind}"' if kind else ""
    return f'<td{named} style="--s:{shade:.2f}">{content}</td>'


def bar(share: float) -> str:
    """Decoration beside a number."""
    width = 100 * min(max(share, 0.0), 1.0)
    return f'<span class="bar" aria-hidden="true"><span style="width:{width:.0f}%"></span></span>'


def interval(found: Interval | None) -> str:
    """A correlation with its interval: in numbers, and on a line from −1 to 1."""
    if found is None:
        return '<span class="quiet">cannot be told</span>'
    low, value, high = (
        60 + 58 * float(np.clip(x, -1, 1)) for x in (found.low, found.value, found.high)
    )
    drawn = (
        '<svg class="interval" viewBox="0 0 120 12" width="120" height="12" aria-hidden="true">'
        '<line x1="2" x2="118" y1="6" y2="6" class="axis"/><line x1="60" x2="60" y1="1" y2="11" '
        f'class="axis"/><line x1="{low:.1f}" x2="{high:.1f}" y1="6" y2="6" class="range"/>'
        f'<circle cx="{value:.1f}" cy="6" r="3.5"/></svg>'
    )
    return f'{drawn} <span class="nowrap">{in_numbers(found)}</span>'


def in_numbers(found: Interval, digits: int = 2) -> str:
    """`0.41 (0.12 to 0.63)`, with true minus signs."""
    value, low, high = (
        f"{x + 0.0:.{digits}f}".replace("-", "−") for x in (found.value, found.low, found.high)
    )
    return f"{value} ({low} to {high})"


TENTHS = [f"{10 * k}–{10 * k + 10} %" for k in range(10)]


def in_tenths(shares: Sequence[float]) -> list[int]:
    """How many earned which tenth of the points; everything is in the last one."""
    places = [min(int(10 * share + 1e-9), 9) if share > 0 else 0 for share in shares]
    return np.bincount(places, minlength=10).tolist() if places else [0] * 10


def histogram(name: str, shares: Sequence[float]) -> str:
    """The distribution of points as columns, with a text that says the same."""
    counts = in_tenths(shares)
    highest = max(*counts, 1)
    said = ", ".join(f"{what}: {n}" for what, n in zip(TENTHS, counts, strict=True) if n)
    label = f"{name}: how many students earned which share of the points. {said or 'nobody yet'}"
    drawn = []
    for k, count in enumerate(counts):
        height = 70 * count / highest
        drawn.append(
            f'<rect x="{4 + 24 * k}" y="{84 - height:.1f}" width="20" height="{height:.1f}"/>'
        )
        if count:
            drawn.append(f'<text x="{14 + 24 * k}" y="{80 - height:.1f}">{count}</text>')
    ticks = "".join(f'<text x="{4 + 24 * k}" y="97">{10 * k}</text>' for k in range(0, 11, 2))
    return (
        f'<svg class="histogram" viewBox="-8 0 268 102" role="img" aria-label="{escape(label)}">'
        f'{"".join(drawn)}<line x1="2" x2="246" y1="84" y2="84" class="axis"/>{ticks}</svg>'
    )


def spark(shares: Sequence[float | None]) -> str:
    """A student's way through the lessons; the numbers stand in the row."""
    wide = max(len(shares) - 1, 1)
    points = [
        (4 + 72 * k / wide, 20 - 16 * min(max(share, 0.0), 1.0))
        for k, share in enumerate(shares)
        if share is not None
    ]
    path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="2"/>' for x, y in points)
    return (
        '<svg class="spark" viewBox="0 0 80 24" width="80" height="24" aria-hidden="true">'
        f'<polyline points="{path}"/>{dots}</svg>'
    )


def folded(summary: str, content: str, anchor: str = "", opened: bool = False) -> str:
    """What is read when it is asked for, by keyboard as well; in print it is open."""
    # What a link names within it is opened by the browser; the fold itself would stay closed.
    inside = f'<div id="{escape(anchor)}">{content}</div>' if anchor else content
    state = " open" if opened else ""
    return f"<details{state}><summary>{summary}</summary>{inside}</details>"
