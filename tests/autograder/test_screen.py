"""Outputs and answers are written valid, harmless and of bounded size, whatever was sent."""

from __future__ import annotations

import contextlib
import random
import re
import signal
import subprocess
import sys
from typing import Any

import nbformat
import numpy as np
import pytest
from nbgrader.utils import determine_grade

from autograder.grading.by_cell import by_its_cell
from autograder.grading.sheet import as_json
from autograder.playing.patience import TooLong, within
from autograder.playing.sanitize import Room
from autograder.playing.screen import MOST_OUTPUTS, MUCH, UNSHOWN, Screen
from tests.autograder.pictures import png
from tests.autograder.sizes import written


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


SHOWN = ["0.5", "0", "1e-3", "np.float64(0.0)", "False", "nan", "inf", "(1.5, 'x')", "-1", "'50%'"]
NO_NUMBERS = {"np.float64(0.0)", "False", "nan", "(1.5, 'x')", "-1", "'50%'"}


@pytest.mark.parametrize("value", SHOWN)
def test_a_value_gives_nbgraders_points_and_what_is_no_number_is_kept(value):
    output = display({"text/plain": value}, "execute_result")
    cell = nbformat.v4.new_code_cell("", outputs=outputs(output))
    cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": 2.0}
    mark = by_its_cell(cell, 2.0, None)
    try:
        assert mark.points == determine_grade(cell)[0]
    except ValueError:
        assert (value, mark.points) == ("inf", 0.0)
    assert mark.shown == (value if value in NO_NUMBERS else "")
    assert mark.reason == ("its test gave 0.5" if value == "0.5" else mark.reason)


# --- Time ---------------------------------------------------------------------------------------


def spin() -> None:
    while True:
        pass


def test_what_takes_too_long_is_broken_off():
    with pytest.raises(TooLong), within(0.05):
        spin()
    sum(range(10**6))  # and nothing comes after it


def test_a_time_that_ends_on_the_way_out_leaves_nothing_running():
    """One long step in C, which ends in an error: the alarm is only heard behind it."""
    numbers = np.random.default_rng(0).permutation(400_000).tolist()
    with pytest.raises(TypeError), within(0.01) as spent:
        sorted([*numbers, "a"])
    assert spent.over
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


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
