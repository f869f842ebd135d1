"""Outputs and answers are written valid, harmless and of bounded size, whatever was sent."""

from __future__ import annotations

import contextlib
import json
import random
import re
import signal
import subprocess
import sys
from typing import Any

import nbformat
import numpy as np
import pytest

from autograder.grading.sheet import as_json, is_valid, valid
from autograder.grading.work import by_its_cell
from autograder.playing import render, screen
from autograder.playing.patience import TooLong, within
from autograder.playing.sanitize import Room
from autograder.playing.screen import MOST_OUTPUTS, MUCH, UNSHOWN, Screen, show_answers
from tests.autograder.pictures import jpeg, png


def stream(text: Any, name: Any = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def display(data: Any, kind: Any = "display_data", **more: Any) -> dict[str, Any]:
    return {"output_type": kind, "data": data, "metadata": {}, **more}


def error(*lines: Any, name: Any = "ValueError", value: Any = "no") -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": [*lines]}


def outputs(*sent: Any, room: Room | None = None) -> list[nbformat.NotebookNode]:
    """What a cell shows of this, in a notebook that is valid."""
    made = Screen()
    for each in sent:
        made.show(each)
    found = made.outputs(room or Room())
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=found)])
    nbformat.validate(notebook)
    as_json(notebook)
    return found


def words(found: list[nbformat.NotebookNode]) -> list[str]:
    return [each.get("text") or each.get("evalue") or each.data["text/plain"] for each in found]


# --- Outputs ------------------------------------------------------------------------------------


def test_what_is_honest_is_shown():
    found = outputs(
        stream("one "),
        stream("line\n"),
        stream("warned\n", "stderr"),
        display({"image/png": png(), "text/plain": "<Figure>"}),
        display({"text/plain": "3"}, "execute_result", execution_count=7),
        error("Traceback", "ValueError: no"),
    )
    assert [each.output_type for each in found] == [
        "stream", "stream", "display_data", "execute_result", "error"
    ]  # fmt: skip
    assert found[0].text == "one line\n"
    assert found[2].data == {"image/png": png(), "text/plain": "<Figure>"}
    assert found[4].traceback == ["Traceback", "ValueError: no"]


def test_displays_are_updated_and_cleared():
    found = outputs(
        display({"text/plain": "gone"}),
        {"output_type": "clear", "wait": False},
        display({"text/plain": "0 %"}, display_id="bar"),
        display({"text/plain": "between"}),
        display({"text/plain": "100 %"}, display_id="bar", update=True),
        display({"text/plain": "nobody"}, display_id="other", update=True),
    )
    assert words(found) == ["100 %", "between"]
    later = {"output_type": "clear", "wait": True}
    assert words(outputs(display({"text/plain": "first"}), later)) == ["first"]
    assert words(outputs(display({"text/plain": "first"}), later, stream("then"))) == ["then"]


def test_a_progress_bar_is_shown_as_a_terminal_leaves_it():
    assert words(outputs(stream("0 %\r50 %\r"), stream("100 %\r\ndone\rDONE"))) == ["100 %\nDONE"]


ODD = [
    None, 3, 2.5, True, "", "x", b"x", [], {}, (), [1], {"x": 1}, float("nan"), 10**400, "\ud800",
    np.array([1, 2]), np.array("stream"), np.str_("stdout"), object(), {1: 2}, "\x1b[38m", -1,
]  # fmt: skip
KEYS = ("output_type", "name", "text", "ename", "evalue", "traceback", "data", "metadata",
        "execution_count", "display_id", "update", "wait")  # fmt: skip
KINDS = ("stream", "error", "display_data", "execute_result", "clear", "update_display_data")
MIMES = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/svg+xml",
         "application/json", "application/vnd.jupyter.widget-view+json", 3, "\ud800")  # fmt: skip


def anything(rng: random.Random) -> dict[Any, Any]:
    """An output near to those that there are, some of whose parts are anything."""
    right = rng.choice([stream("x"), error("x"), display({"text/plain": "x"}), {}])
    made: dict[Any, Any] = {**right}
    for key in rng.sample(KEYS, rng.randint(0, 3)):
        made[key] = rng.choice([*ODD, {rng.choice(MIMES): rng.choice(ODD)}, [rng.choice(ODD)]])
    if rng.random() < 0.5:
        made["output_type"] = rng.choice(KINDS)
    return made


def test_whatever_is_sent_the_notebook_is_valid():
    rng = random.Random(11)
    shown = 0
    for _ in range(800):
        shown += len(outputs(*(anything(rng) for _ in range(rng.randint(1, 4)))))
    assert shown > 500


@pytest.mark.parametrize("kind", ODD, ids=range(len(ODD)))
def test_a_kind_that_is_none_is_said_to_be_malformed(kind):
    assert words(outputs({"output_type": kind, "data": {"text/plain": "x"}})) == [UNSHOWN]


# --- Bounds -------------------------------------------------------------------------------------


def written(found: list[nbformat.NotebookNode]) -> int:
    return len(json.dumps(found, ensure_ascii=False, indent=1).encode())


WIDE = "\N{GRINNING FACE}" * 1000


@pytest.mark.parametrize(
    "flood",
    [
        [stream(WIDE, name) for _ in range(3000) for name in ("stdout", "stderr")],
        [stream("\x01" * 10**7)],
        [display({"text/plain": WIDE * 90})] * 100,
        [display({"text/html": "<p>" + "&" * 200_000})] * 40,
        [display({"image/png": png(), "text/plain": '"' * 99_000})] * 100,
        [error(*[WIDE * 5] * 50, value=WIDE * 5)] * 100,
        [display({"text/plain": "\n" * 99_999})] * 100,
        [display({"text/plain": "x"})] * 100_000,
        [display({"text/plain": "x", "text/markdown": "x"}, display_id="x")] * 10_000,
    ],
    ids=range(9),
)
def test_a_cell_and_a_notebook_are_bounded(flood):
    room = Room(seconds=2.0)
    sizes = []
    for _ in range(4):
        found = outputs(*flood, room=room)
        sizes.append(written(found))
        assert len(found) <= MOST_OUTPUTS + 1
    assert max(sizes) <= 2_100_000
    assert sum(sizes) <= 3_200_000


def test_what_is_left_out_is_said():
    found = outputs(*[display({"text/plain": "x" * 99_000})] * 40)
    assert words(found)[-1] == MUCH
    assert words(outputs(stream("x" * 200_000)))[0].endswith("more characters are not shown]")


def test_pieces_of_a_flood_are_not_kept():
    made = Screen()
    for _ in range(100_000):
        made.show(stream("x" * 100))
    assert sum(map(len, made.shown[0]["pieces"])) == 100_001


@pytest.mark.parametrize(
    ("last", "points"),
    [
        (error("x"), 0.0),
        (stream("x", "stderr"), 0.0),
        (display({"text/plain": "0.5"}, "execute_result"), 0.5),
        (display({"text/plain": "0.5", "text/html": "<b" * 10**6}, "execute_result"), 0.5),
        (display({"text/html": "<b>"}, "execute_result"), 0.0),
        (display({"text/plain": "x"}), 2.0),
    ],
    ids=range(6),
)
@pytest.mark.parametrize("before", [0, 2 * MOST_OUTPUTS])
def test_a_flood_hides_nothing_that_decides_on_points(last, points, before):
    room = Room(bytes=1000, seconds=0.0) if before else Room()
    flood = [display({"text/plain": "y" * 100})] * before
    cell = nbformat.v4.new_code_cell("", outputs=outputs(*flood, last, room=room))
    cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": 2.0}
    assert by_its_cell(cell, 2.0, None).points == points


# --- Time ---------------------------------------------------------------------------------------


def spin() -> None:
    while True:
        pass


def test_what_takes_too_long_is_broken_off():
    with pytest.raises(TooLong), within(0.05):
        spin()
    sum(range(10**6))  # and nothing comes after it


def test_one_within_another_leaves_it_its_end():
    def many() -> None:
        while True:
            with contextlib.suppress(Exception), within(0.05):
                spin()

    with pytest.raises(TooLong, match=r"0\.3 s"), within(0.3):
        many()


def test_one_within_another_may_end_sooner():
    with pytest.raises(TooLong, match=r"0\.05 s"), within(0.05), within(100):
        spin()
    with within(100), pytest.raises(TooLong, match=r"0\.05 s"), within(0.05):
        spin()


def test_a_regular_expression_is_broken_off_too():
    with pytest.raises(TooLong), within(0.05):
        re.match(r"(a|a)*b", "a" * 100)


def test_a_library_that_catches_everything_is_broken_off_once_more():
    def deaf() -> None:
        try:
            spin()
        except BaseException:
            spin()

    with pytest.raises(TooLong), within(0.05):
        deaf()


def test_a_worker_is_ended_by_the_kernel_where_nothing_else_ends_it():
    code = "from autograder.grading import pool; pool._limit_time(0.2); 7 ** 7 ** 9"
    ended = subprocess.run([sys.executable, "-c", code], check=False)
    assert ended.returncode == -signal.SIGPROF


@pytest.fixture
def patience(monkeypatch):
    monkeypatch.setattr(screen, "LONGEST_CELL", 0.3)


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize(
    "data",
    [
        {"text/markdown": "\\\\[" * 6000},
        {"text/html": "".join(f"<b title='{k}'>" for k in range(15_000))},
        {"text/html": "<div>" * 60_000},
    ],
    ids=range(3),
)
def test_a_slow_output_is_a_sentence(data):
    room = Room()
    assert words(outputs(display(data), room=room)) == [UNSHOWN]
    assert 5.0 < room.seconds < 6.0


def test_a_notebook_has_so_many_seconds():
    room = Room(seconds=0.0)
    assert words(outputs(display({"text/html": "<b>x</b>"}), room=room)) == [UNSHOWN]
    assert words(outputs(stream("still here"), room=room)) == ["still here", UNSHOWN]


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
    assert answer("." * 29_000).source == f"# {screen.LONG}"
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
