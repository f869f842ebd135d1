"""On a light page and on a dark one, all that is drawn can be seen, and the grid stays quiet."""

import io
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import drawings, surfaces
from helpers.explorers import still, style
from tests.helpers.contrast import unseen
from tests.helpers.test_explorers_shown import MAKE

SOURCES = sorted((Path(__file__).parents[2] / "source").glob("*/*.md"))


@pytest.fixture(params=["default", "dark_background"])
def page(request):
    with plt.style.context(request.param):
        yield request.param
    plt.close("all")


@pytest.fixture
def axes(page):
    return plt.subplots()[1]


@pytest.mark.parametrize("kind", MAKE)
def test_an_explorer_as_a_still_picture_can_be_seen(kind, page):
    explorer = MAKE[kind]()
    drawn = still.figure(explorer.panels, explorer.scene(), explorer.values, explorer.height)
    assert unseen(drawn) == []


def test_a_still_picture_that_is_saved_has_the_page_of_its_style(page):
    """The palette that makes it small holds the ink and the page, whichever they are."""
    explorer = MAKE["tangent"]()
    png = plt.imread(io.BytesIO(explorer.png()))[..., :3]
    shares = {tone: np.mean((png == tone).all(axis=-1)) for tone in (0.0, 1.0)}
    paper, ink = (1.0, 0.0) if page == "default" else (0.0, 1.0)
    assert shares[paper] > 0.8
    assert 0.005 < shares[ink] < 0.1


def test_a_circuit_can_be_seen(axes):
    gates = {"a": (0, 0, "a", "2", "3"), "f": (1, 1, "×", "6", "1")}
    drawings.circuit(axes, gates, [("a", "f")])
    assert unseen(axes.figure) == []


def test_matrices_can_be_seen(axes):
    drawings.matrices(axes, [("one", [("A", 2, 3), "@", ("B", 3, 1)])])
    assert unseen(axes.figure) == []


def test_lines_of_equal_height_can_be_seen(axes):
    style.contours(axes, surfaces.canyon)
    assert unseen(axes.figure) == []


@pytest.mark.parametrize("name", [*style.ON_BOTH, "ink"])
def test_a_line_in_each_colour_can_be_seen_on_a_quiet_grid(name, axes):
    style.dress(axes, x="x", y="y", title="a line")
    color = style.ink() if name == "ink" else style.ON_BOTH[name]
    axes.plot([0, 1], [0, 1], color=color, label="so named")
    axes.text(0.5, 0.2, "a word", color=color)
    axes.legend()
    assert unseen(axes.figure) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda a: a.plot([0, 1], [1, 0], color=plt.rcParams["axes.facecolor"]), "line"),
        (lambda a: a.axhline(0.5, color=plt.rcParams["axes.facecolor"]), "line"),
        (lambda a: a.text(0.5, 0.5, "lost", color=plt.rcParams["axes.facecolor"]), "'lost'"),
        (lambda a: a.text(0, 0, "lost", bbox={"facecolor": style.ink()}), "'lost'"),
        (lambda a: a.add_patch(plt.Rectangle((0, 0), 1, 1, fc=style.paper(), ec="none")), "patch"),
        (lambda a: a.grid(True, color=style.ink()), "grid"),
    ],
)
def test_what_cannot_be_seen_is_told(spoil, said, axes):
    style.dress(axes)
    spoil(axes)
    (found,) = unseen(axes.figure)
    assert said in found


BY_NAME = re.compile(r"""["'](black|white|gr[ae]y|#[0-9A-Fa-f]{6})["']""")
BOXES = {"black", "white", "grey", "#F6D5C3"}
"""Of a table whose boxes bring their own paper, white or pale, and their own ink."""


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_figure_of_a_lesson_names_a_colour_that_one_of_the_two_pages_swallows(source):
    """A colour comes from `style`: its ink, its paper, or one that is seen on both.

    Within a box or on a map, which have a ground of their own, one may be named.
    """
    cells = re.findall(r"^```\{code-cell\}\n(.*?)^```", source.read_text("utf-8"), re.M | re.S)
    for cell in cells:
        named = set(BY_NAME.findall(re.sub(r'cmap="\w+"', "", cell)))
        own_ground = "Rectangle" in cell or "contourf" in cell
        assert named <= (BOXES if own_ground else set()), cell
        assert "style.BLACK" not in cell, cell
