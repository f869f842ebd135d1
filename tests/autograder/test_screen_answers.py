"""Answers and the whole notebook are written valid, bounded and in time."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

from autograder.grading.sheet import as_json, is_valid, valid
from autograder.playing import render, screen
from autograder.playing.screen import show_answers
from tests.autograder.pictures import jpeg, png
from tests.autograder.sizes import written

# --- Answers ------------------------------------------------------------------------------------


def answer(source: str, kind: str = "code", attachments: Any = None) -> nbformat.NotebookNode:
    """The cell that is shown of an answer, in a notebook that is valid."""
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[kind]
    cell = make(source)
    if attachments is not None:
        cell["attachments"] = attachments
    show_answers([cell])
    assert is_valid(nbformat.v4.new_notebook(cells=[cell]))
    return cell


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("code", "def f(x):\n    '''<b>'''\n\n\n    return x  # [`a`](b) $\\begin{a}$\n%time f(3)"),
        ("code", "x = 'ß 李雷 🙂'\n" * 100),
        ("markdown", "# Why\n\n$\\begin{aligned}a &= b\\\\ c &< d\\end{aligned}$ *so* `x` [a](#b)"),
    ],
)
def test_an_honest_answer_is_shown_as_it_is(kind, source):
    assert answer(source, kind).source == source.replace("&< d", "&< d")


def test_a_long_answer_is_cut():
    shown = answer("x = 1\n" * 10_000).source
    assert shown.startswith("x = 1\n" * 4999)
    assert shown.endswith("# ... [30,000 more characters are not shown]")


def test_a_longer_written_answer_is_shown_without_its_markdown():
    shown = answer("\\begin{a}$$**<b>" * 2000, "markdown").source
    assert "$" not in shown
    assert "\\" not in shown
    html = render.markdown(shown)
    assert "<b>" not in html
    assert html.startswith("<pre>")


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("source", ["\n " * 8000, "\n\t\r\xa0" * 4000, "a " * 10 + "\n" * 25_000])
def test_white_space_without_end_is_short(source):
    shown = answer("def f():\n    return 0" + source + "x").source
    assert len(shown) < 300
    assert shown.startswith("def f():\n    return 0")


@pytest.mark.usefixtures("patience")
def test_an_answer_that_no_highlighter_ends_with_is_a_sentence():
    assert answer("%pwd\n" + "." * 29_000).source == f"# {screen.LONG}"
    shown = answer("\\\\[" * 6000, "markdown").source
    assert shown.startswith("<pre>")
    assert shown.count("&#91;") == 6000


def test_all_answers_together_are_bounded():
    cells = [nbformat.v4.new_code_cell("'\\\"" * 9000) for _ in range(100)]
    cells += [nbformat.v4.new_markdown_cell("$" * 49_000) for _ in range(30)]
    show_answers(cells)
    assert written(cells) < 2_200_000
    assert cells[-1].source == screen.LONG


@pytest.mark.parametrize("kind", ["code", "markdown"])
def test_marks_of_nbgrader_in_an_answer_mean_nothing(kind):
    shown = answer("### BEGIN HIDDEN TESTS\nx\n### BEGIN SOLUTION\n### BEGIN MARK SCHEME", kind)
    assert "BEGIN " not in shown.source
    assert shown.source.replace("\xa0", " ").count("### BEGIN ") == 3


def test_a_pasted_picture_is_kept():
    link = "See ![shot.png](attachment:shot.png) and ![a photo](attachment:my%20photo.jpg)."
    given = {"shot.png": {"image/png": png()}, "my photo.jpg": {"image/jpeg": jpeg()}}
    cell = answer(link, "markdown", given)
    assert cell.attachments == {
        "picture-1.png": {"image/png": png()},
        "picture-2.jpeg": {"image/jpeg": jpeg()},
    }
    html = render.markdown(cell.source, cell.attachments)
    assert html.count('<img src="data:image/') == 2
    assert 'alt="a photo"' in html


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        "shot.png",
        {},
        {"shot.png": None},
        {"shot.png": {}},
        {"shot.png": {"image/png": None}},
        {"shot.png": {"image/png": ["iVBORw0KGgo="]}},
        {"shot.png": {"image/png": "iVBORw0KGgo="}},
        {"shot.png": {"image/svg+xml": "<svg onload='alert(1)'/>", "text/html": "<script>"}},
        {"shot.png": {'image/png" onerror="alert(1)': png()}},
        {"shot.png": {"image/png": png() + '"><script>alert(1)</script>'}},
        {"other.png": {"image/png": png()}},
    ],
    ids=range(13),
)
def test_what_is_no_picture_is_said_not_to_be_shown(given):
    cell = answer("See ![shot.png](attachment:shot.png)", "markdown", given)
    html = render.markdown(cell.source, cell.get("attachments"))
    assert "(a picture is not shown)" in html
    assert "<img" not in html
    assert "<script" not in html


def test_pictures_of_an_answer_are_bounded():
    large = png(900, 900)
    given = {f"{k}.png": {"image/png": large} for k in range(200)}
    text = "".join(f"![x](attachment:{k}.png)" for k in range(200))
    cell = answer(text, "markdown", given)
    assert len(cell.attachments) == screen.MOST_PICTURES
    assert cell.source.count("not shown") == 200 - screen.MOST_PICTURES


# --- The notebook -------------------------------------------------------------------------------


def test_a_notebook_that_no_schema_allows_is_written_without_outputs():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    odd = {"output_type": "stream", "name": "stdout"}
    notebook.cells[0].outputs = [nbformat.from_dict(odd)]
    assert not is_valid(notebook)
    assert valid(notebook).cells[0].outputs == []
    notebook.cells[0].id = "no id!"
    assert valid(notebook) is notebook


def test_a_text_without_nan_is_written_or_none():
    notebook = nbformat.v4.new_notebook(metadata={"x": float("nan")})
    with pytest.raises(ValueError, match="Out of range"):
        as_json(notebook)
