"""A prediction: what was chosen is kept, what is so is told, and what was measured decides."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from helpers import Prediction, _sealed, predict
from helpers.buttons import Buttons
from helpers.explorers.page import WANTED

QUESTION, OPTIONS = "Halve ε. The error becomes", ["half", "a quarter"]
REASON = "the ratio approaches {ratio:.2f}"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The notebook's folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(WANTED, raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return tmp_path


@pytest.fixture
def sealed(tmp_path, monkeypatch):
    """What a lesson would have sealed for the question."""
    secret = {"answer": "a quarter", "because": REASON, "within": {"ratio": [3, 5]}}
    kept = {_sealed.key_of(QUESTION, OPTIONS): _sealed.pack(secret)}
    (tmp_path / "sealed").mkdir()
    (tmp_path / "sealed" / "00-damaged.json").write_text("{")
    (tmp_path / "sealed" / "01-small.json").write_text(json.dumps(kept))
    monkeypatch.setattr(_sealed, "FOLDER", tmp_path / "sealed")
    return tmp_path / "sealed"


def asked(choice: str | None = None) -> Prediction:
    guess = Prediction(QUESTION, OPTIONS)
    if choice:
        guess.choose(choice)
    return guess


# --- What is so ---------------------------------------------------------------------------------


def test_it_is_remembered_and_compared():
    guess = Prediction("How many?", ["one", "two"])
    assert guess.reveal("two") == "You made no prediction. It is “two”."
    guess.choose("one")
    assert guess.reveal("two", "we count") == "You predicted “one”. It is “two”: we count."
    guess.choose("two")
    assert guess.reveal("two") == "You predicted “two”, and so it is."
    assert guess.reveal("two", "{1, 2} has two.") == (
        "You predicted “two”, and so it is: {1, 2} has two."
    )
    with pytest.raises(ValueError, match="'three' is not one of"):
        guess.choose("three")
    with pytest.raises(ValueError, match="'three' is not one of"):
        guess.reveal("three")


def test_the_reason_is_filled_with_what_was_measured():
    told = asked("half").reveal("a quarter", REASON, ratio=3.987, within={"ratio": (3, 5)})
    assert told == "You predicted “half”. It is “a quarter”: the ratio approaches 3.99."


@pytest.mark.parametrize(
    ("value", "bounds", "words"),
    [
        (7.312, (3, 5), "ratio is 7.31, and between 3.00 and 5.00 with the worked answers"),
        (2.0, (3, None), "ratio is 2.00, and 3.00 or more with the worked answers"),
        (7.0, (None, 5), "ratio is 7.00, and 5.00 or less with the worked answers"),
        (float("nan"), (3, 5), "ratio is nan"),
        (None, (3, 5), "ratio is None"),
        (np.array([4.0, 4.0]), (3, 5), "ratio is array([4., 4.])"),
        ("four", (3, 5), "ratio is 'four'"),
        (np.zeros(1000), None, "ratio is array([0."),
    ],
)
@pytest.mark.parametrize("choice", ["half", "a quarter", None])
def test_a_run_that_came_out_otherwise_is_not_told_that_so_it_is(value, bounds, words, choice):
    within = {"ratio": bounds} if bounds else None
    told = asked(choice).reveal("a quarter", REASON, ratio=value, within=within)
    assert f"This run came out otherwise: {words}" in told
    assert "With the worked answers it is “a quarter”. Look at the exercises above" in told
    assert "so it is" not in told
    assert len(told) < 400


def test_bounds_are_told_as_the_reason_tells_the_value():
    told = asked().reveal("half", "it reads {hit:.1%}", hit=0.089, within={"hit": (0.95, None)})
    assert "hit is 8.9%, and 95.0% or more with the worked answers" in told


@pytest.mark.parametrize(
    ("value", "bounds", "words"),
    [
        (0.0, (0.249, 0.251), "slope is 0.00, and 0.25 with the worked answers"),
        (1, (0, 0), "slope is 1.00, and 0.00 with the worked answers"),
        (-0.001, (1, None), "slope is 0.00, and 1.00 or more with the worked answers"),
        (0.2512, (0.249, 0.251), "slope is 0.2512, and between 0.249 and 0.251 with"),
        (3.0000001, (None, 3), "slope is 3.0000000999999998, and 3 or less with"),
    ],
)
def test_what_was_measured_is_told_apart_from_its_bounds(value, bounds, words):
    told = asked().reveal("half", "the slope is {slope:.2f}", slope=value, within={"slope": bounds})
    assert f"otherwise: {words}" in told


def test_a_value_that_the_reason_does_not_name_counts_too():
    told = asked().reveal("half", loss=3.0, within={"loss": (None, 1e-4)})
    assert "loss is 3, and 0.0001 or less with the worked answers" in told
    assert asked().reveal("half", loss=0.0, within={"loss": (None, 1e-4)}).endswith("“half”.")


def test_a_bound_itself_lies_within():
    for value in (3, 5.0, np.float32(4), np.int64(3)):
        told = asked().reveal("a quarter", REASON, ratio=value, within={"ratio": (3, 5)})
        assert "otherwise" not in told


# --- What is sealed -----------------------------------------------------------------------------


def test_a_sealed_answer_is_found_by_its_question(sealed):
    assert asked("a quarter").reveal(ratio=4.0) == (
        "You predicted “a quarter”, and so it is: the ratio approaches 4.00."
    )
    assert "otherwise: ratio is 9.00" in asked("a quarter").reveal(ratio=9.0)


@pytest.mark.parametrize("question", ["Double ε. The error becomes", QUESTION + " "])
def test_what_is_not_sealed_costs_one_sentence(sealed, question):
    assert Prediction(question, OPTIONS).reveal(ratio=4.0) == predict.NOT_HERE


def test_without_the_folder_it_costs_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(_sealed, "FOLDER", tmp_path / "none")
    assert asked().reveal() == predict.NOT_HERE


def test_nothing_sealed_can_be_read(sealed):
    text = (sealed / "01-small.json").read_text()
    for word in (*OPTIONS, "approaches", "ratio"):
        assert word not in text


# --- What was chosen ----------------------------------------------------------------------------


def test_a_choice_outlives_the_kernel(folder):
    asked("half")
    again = asked()
    assert again.choice == "half"
    assert again.reveal("half") == "You predicted “half”, and so it is."
    assert "(•) half\n  ( ) a quarter" in again._repr_mimebundle_()["text/plain"]
    assert Prediction("Another question", OPTIONS).choice is None
    assert Prediction(QUESTION, ["a quarter", "a third"]).choice is None
    Prediction("Another question", OPTIONS).choose("a quarter")
    assert asked().choice == "half"
    assert os.listdir(folder) == [predict.CHOICES]


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"a": 1}', b"\xff\xfe"])
def test_a_damaged_file_is_none(folder, content):
    path = folder / predict.CHOICES
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert asked().choice is None
    asked("half")
    assert asked().choice == "half"


def test_an_odd_choice_in_the_file_is_none(folder):
    for odd in (["half"], {}, 1, None, "a third"):
        text = json.dumps({_sealed.key_of(QUESTION, OPTIONS): odd})
        (folder / predict.CHOICES).write_text(text)
        assert asked().choice is None


def test_where_nothing_can_be_written_it_is_silent(folder, monkeypatch):
    def refuses(*args, **kwargs):
        raise PermissionError("read-only")

    monkeypatch.setattr(predict.tempfile, "mkstemp", refuses)
    assert asked("half").choice == "half"
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(predict.os, "replace", refuses)
    assert asked("half").choice == "half"
    assert os.listdir(folder) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("NBGRADER_EXECUTION", "autograde"), ("NBGRADER_EXECUTION", "validate"), (WANTED, "1")],
)
def test_nothing_is_kept_or_read_while_it_is_graded_or_built(folder, monkeypatch, name, value):
    asked("half")
    monkeypatch.setenv(name, value)
    assert asked().choice is None
    asked("a quarter")
    monkeypatch.delenv(name)
    assert asked().choice == "half"


# --- How it is shown ----------------------------------------------------------------------------


def test_without_buttons_it_says_how_to_choose(monkeypatch):
    guess = asked()
    assert repr(guess).split("\n") == [
        QUESTION,
        "  ( ) half",
        "  ( ) a quarter",
        'No buttons to press here? Choose with guess.choose("half").',
    ]
    main = __import__("sys").modules["__main__"]
    monkeypatch.setattr(main, "_9", guess, raising=False)
    monkeypatch.setattr(main, "halving", guess, raising=False)
    assert 'halving.choose("half")' in guess._repr_mimebundle_()["text/plain"]


def test_buttons_choose(folder, monkeypatch):
    assert "application/vnd.jupyter.widget-view+json" in asked("half")._repr_mimebundle_()
    guess = asked()
    shown = Buttons(guess.question, guess.options, guess.choice, guess.choose)
    assert shown.said == "You chose this before."
    shown.choice = "a quarter"  # as from the page
    assert (guess.choice, shown.said) == ("a quarter", "Noted. Run on to see.")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert list(guess._repr_mimebundle_()) == ["text/plain"]
