"""Answers of an earlier lesson, where they are, and a sentence where they are not."""

import json

import pytest

from helpers.previous import answers, yours

SOLVED = "class Dense:\n    size = np.zeros(3).size\n"


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Write lesson 4's notebook beside lesson 5's folder, with this source as its answer."""
    here = tmp_path / "05-optimizers"
    here.mkdir()
    monkeypatch.chdir(here)

    def write(source):
        cell = {
            "cell_type": "code",
            "metadata": {"nbgrader": {"grade_id": "Dense", "solution": True}},
            "source": source.splitlines(keepends=True),
        }
        folder = tmp_path / "04-backprop"
        folder.mkdir()
        (folder / "04-backprop.ipynb").write_text(json.dumps({"cells": [cell]}))

    return write


def test_what_was_solved_is_there(beside):
    beside(SOLVED)
    found = answers("04-backprop", ["Dense"])
    assert found is not None
    assert found["Dense"].size == 3


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "class Dense:\n    raise NotImplementedError",
            "Dense of lesson 04-backprop is not solved",
        ),
        ("class Dense(", "raises SyntaxError"),
        ("1 / 0", "raises ZeroDivisionError"),
        ("Dense = half(2)", "must stand in its own cell"),
    ],
)
def test_what_was_not_is_said(beside, capsys, source, words):
    beside(source)
    assert answers("04-backprop", ["Dense"]) is None
    assert words in capsys.readouterr().out


def test_a_missing_or_damaged_notebook_is_said(beside, capsys, tmp_path):
    assert answers("04-backprop", ["Dense"]) is None
    assert "There is no notebook of lesson 04-backprop" in capsys.readouterr().out
    beside(SOLVED)
    (tmp_path / "04-backprop" / "04-backprop.ipynb").write_text("{")
    assert answers("04-backprop", ["Dense"]) is None


@pytest.mark.parametrize(
    "source",
    [
        "class Module:\n    def output(self, X):\n        raise NotImplementedError\n\n\n" + SOLVED,
        SOLVED
        + "    def f(self, X):\n        if X is None:\n            raise NotImplementedError",
        "class Mine:\n    size = 3\n\n\nDense = Mine",
    ],
)
def test_what_is_solved_in_another_way_is_there(beside, source):
    beside(source)
    found = answers("04-backprop", ["Dense"])
    assert found is not None
    assert found["Dense"].size == 3


@pytest.mark.parametrize(
    "change", [lambda cell: cell["metadata"].clear(), "", lambda cell: cell.update(metadata=None)]
)
def test_a_notebook_that_went_through_another_program_is_read(beside, tmp_path, change):
    beside(SOLVED)
    path = tmp_path / "04-backprop" / "04-backprop.ipynb"
    notebook = json.loads(path.read_text())
    if change:
        change(notebook["cells"][0])
    notebook["cells"] = [None, {"cell_type": "code", "source": 3}, *notebook["cells"]]
    path.write_text("\ufeff" + json.dumps(notebook), encoding="utf-8")
    assert answers("04-backprop", ["Dense"]) is not None


def test_what_cannot_be_read_is_said_to_be_there(beside, capsys, tmp_path):
    beside(SOLVED)
    path = tmp_path / "04-backprop" / "04-backprop.ipynb"
    for content in ("{", "[]", '{"cells": 3}', "[" * 100_000):
        path.write_text(content)
        assert answers("04-backprop", ["Dense"]) is None
        assert "cannot be read" in capsys.readouterr().out


def test_nothing_is_looked_for_while_a_lesson_is_graded(beside, monkeypatch):
    beside(SOLVED)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert answers("04-backprop", ["Dense"]) is None


@pytest.mark.parametrize(
    ("source", "whose", "words"),
    [
        ("def Dense(x):\n    return x + x", 6.0, "Dense: yours"),
        ("def Dense(x):\n    return x", 7.0, "ours. Yours are there, but they do otherwise"),
        ("def Dense(x):\n    return x / 0", 7.0, "ours. Yours are there, but ZeroDivisionError"),
        ("def Dense(x):\n    raise NotImplementedError", 7.0, "is not solved yet"),
    ],
)
def test_yours_are_taken_where_they_do_the_same(beside, capsys, source, whose, words):
    def ours(x):
        return 2 * x if x < 3 else 7.0

    beside(source)
    (taken,) = yours("04-backprop", ["Dense"], (ours,), lambda f: [f(1.0), f(2.0)])
    assert taken(3.0) == whose
    assert words in capsys.readouterr().out
