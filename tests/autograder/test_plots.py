"""A figure drawn once looks as the inline backend shows it."""

from __future__ import annotations

import io
from base64 import b64decode

import numpy as np
import pytest
from IPython.core.pylabtools import print_figure
from matplotlib.backends import backend_agg
from matplotlib.figure import Figure
from PIL import Image

from autograder.sandbox import plots


def pixels(picture: str | None) -> np.ndarray:
    assert picture is not None
    return np.asarray(Image.open(io.BytesIO(b64decode(picture))).convert("RGBA")).astype(int)


def plain() -> Figure:
    figure = Figure(figsize=(4.33, 2.77))
    axes = figure.subplots(1, 2)
    axes[0].loglog([1e-3, 1, 1e3], [1, 2, 3], "o-", label="a line")
    axes[0].set(xlabel="x", ylabel="a long label beyond the figure's left edge", title="A title")
    axes[1].imshow(np.eye(3))
    axes[0].legend(bbox_to_anchor=(0, 1.3))
    return figure


def test_it_is_the_inline_backends_picture_up_to_its_border():
    ours, theirs = pixels(plots.drawn_once(plain())), pixels(print_figure(plain(), base64=True))
    assert np.abs(np.subtract(ours.shape, theirs.shape)).max() <= 6

    def inside(picture: np.ndarray) -> np.ndarray:
        rows, columns = (np.flatnonzero((picture != 255).any(axis=(axis, 2))) for axis in (1, 0))
        return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]

    ours, theirs = inside(ours), inside(theirs)
    assert np.abs(np.subtract(ours.shape, theirs.shape)).max() <= 1
    height, width = np.minimum(ours.shape, theirs.shape)[:2]
    differs = np.abs(ours[:height, :width] - theirs[:height, :width]).max(axis=2) > 64
    assert differs.mean() < 0.05  # half a pixel to the side changes the edges of letters


def test_it_draws_once(monkeypatch):
    drawn = []
    draw = Figure.draw
    monkeypatch.setattr(Figure, "draw", lambda self, r: drawn.append(1) or draw(self, r))
    plots.drawn_once(plain())
    assert len(drawn) == 1


def blank() -> Figure:
    figure = Figure()
    figure.add_axes((0, 0, 1, 1)).set_axis_off()
    return figure


def far() -> Figure:
    figure = plain()
    figure.axes[0].text(12, -5, "far away", transform=figure.axes[0].transAxes)
    return figure


def laid_out() -> Figure:
    figure = Figure(layout="constrained")
    figure.subplots().plot([1, 2])
    return figure


def huge() -> Figure:
    figure = plain()
    figure.axes[1].text(0, 40, "y", fontsize=9, transform=figure.axes[1].transAxes)
    return figure


@pytest.mark.parametrize("make", [blank, far, huge])
def test_what_cannot_be_cut_is_drawn_as_ever(make):
    ours, theirs = plots.drawn_once(make()), print_figure(make(), base64=True)
    assert np.array_equal(pixels(ours), pixels(theirs))


def test_a_layout_is_left_as_it_is():
    ours = pixels(plots.drawn_once(laid_out()))
    assert np.array_equal(ours, pixels(print_figure(laid_out(), bbox_inches=None, base64=True)))


def test_nothing_is_shown_of_an_empty_figure():
    assert plots.drawn_once(Figure()) is None


def test_a_transparent_figure_stays_transparent():
    figure = plain()
    figure.set_facecolor("none")
    assert pixels(plots.drawn_once(figure))[0, 0, 3] == 0


def test_labels_are_parsed_once(monkeypatch):
    monkeypatch.setattr(backend_agg, "MathTextParser", backend_agg.MathTextParser)
    plots.share_parser()
    first, second = (backend_agg.RendererAgg(10, 10, 100).mathtext_parser for _ in range(2))
    assert first is second
