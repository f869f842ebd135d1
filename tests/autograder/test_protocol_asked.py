"""What a student's process asks of the judge and says, and the names it may use."""

from __future__ import annotations

import contextlib
import copy

import numpy as np
import pytest

from autograder.exercises import find, replaced
from autograder.judge import judge, nothing
from autograder.sandbox.lent import done
from autograder.sandbox.schema import Ask
from helpers._text import MOST_LETTERS, printable
from helpers.checks import describe, name_of
from helpers.judging.verdict import Finding, Verdict
from helpers.questions import every_name
from helpers.questions.base import shown

# --- What is asked of the judge -------------------------------------------------------------------


class Layer:
    def __init__(self):
        self.weights, self._hidden = 1.0, 2.0

    def output(self, x, twice=False):
        return 2 * x if twice else x


class Marked(Layer):
    pass


shown(Marked)


def test_a_student_reads_and_writes_what_is_marked():
    layer = Marked()
    assert done(Ask(1, "get", 2, name="weights"), layer) == 1.0
    done(Ask(1, "set", 2, name="weights", value=3.0), layer)
    assert done(Ask(1, "vars", 2), layer) == {"weights": 3.0}
    method = done(Ask(1, "get", 2, name="output"), layer)
    assert done(Ask(1, "call", 2, args=(4,), kwargs={"twice": True}), method) == 8
    assert isinstance(done(Ask(1, "call", 2, args=(), kwargs={}), Marked), Marked)
    assert done(Ask(1, "method", 2, name="output", args=(4,), kwargs={"twice": True}), layer) == 8
    for name in ("weights", "_hidden", "__init__", "__str__", "nothing"):
        with pytest.raises(AttributeError):
            done(Ask(1, "method", 2, name=name, args=(), kwargs={}), layer)
    for name in ("_hidden", "__class__", "__dict__", "nothing"):
        with pytest.raises(AttributeError):
            done(Ask(1, "get", 2, name=name), layer)


@pytest.mark.parametrize("target", [Layer(), find("square"), np.zeros(2), len, Layer, Marked, "a"])
@pytest.mark.parametrize(
    "ask",
    [
        Ask(1, "get", 2, name="real"),
        Ask(1, "vars", 2),
        Ask(1, "method", 2, name="conj", args=(), kwargs={}),
    ],
)
def test_and_nothing_else(target, ask):
    with pytest.raises(AttributeError):
        done(ask, target)


def test_the_options_of_numpys_own_functions_are_not_a_students():
    assert done(Ask(1, "call", 2, args=(0.0,), kwargs={}), np.cos) == 1.0
    assert (
        np.zeros(2).tolist() == done(Ask(1, "call", 2, args=(np.ones(2),)), np.zeros_like).tolist()
    )
    for args, kwargs in (((0.0, np.zeros(2)), {}), ((0.0,), {"dtype": "O"}), ((), {"shape": 9})):
        for function in (np.cos, np.zeros_like, np.zeros):
            with pytest.raises(AttributeError):
                done(Ask(1, "call", 2, args=args, kwargs=kwargs), function)


def test_every_class_of_the_bank_that_a_student_meets_is_marked():
    references = [find(name).reference for name in every_name()]
    classes = [each for each in references if isinstance(each, type)]
    assert classes
    assert all(each.shown_to_students for each in classes)


# --- What is said ---------------------------------------------------------------------------------


def test_what_is_printable_stays():
    for text in (
        "",
        "plain",
        "ä€ – “a” ✓",
        "two\nlines\tand a tab",
        "a\xa0b",
        "👩\u200d💻",
        "نمی\u200cخواهم",
    ):
        assert printable(text) == text


@pytest.mark.parametrize(
    "odd",
    ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\ud800", "\u202e", "\u2066", "\u2028", "\ufeff"],
)
def test_what_is_not_is_written_out(odd):
    said = printable(f"a{odd}b")
    assert said == f"a{repr(odd)[1:-1]}b"
    assert said.isprintable()
    assert printable(said) == said


def test_it_ends():
    for text in ("x" * 10**7, "\x1b" * 10**7, "\n" * 10**7):
        assert len(printable(text)) <= MOST_LETTERS


def test_every_verdict_can_be_printed_and_ends():
    odd = "\x1b[2J\u202e\ud800" + "x" * 10**6
    verdicts = [
        Verdict("square", (Finding("says", 1.0, 0.0, odd),)),
        nothing(find("square"), odd, 1),
    ]

    def returns(value):
        def answer(*args):
            return copy.deepcopy(value)

        answer.__name__ = odd[:100]
        return answer

    def raises(*args):
        raise ValueError(odd)

    for value in (odd, [odd] * 9, {odd: odd}, np.array([odd]), odd.encode("utf-8", "replace")):
        verdicts.append(judge(find("square"), returns(value)))
        verdicts.append(judge(find("find_wrong_gradients"), returns(value)))
    verdicts.append(judge(find("square"), raises))
    for verdict in verdicts:
        assert verdict.earned == 0
        for text in (verdict.reason, str(verdict)):
            assert text
            assert text.replace("\n", "").isprintable()
            assert len(text) < 10_000


def test_a_wrong_without_a_word_is_wrong():
    assert Finding("says", 1.0, 0.0, "").wrong


def test_a_value_in_words_is_short():
    deep = [[["x" * 70] * 8] * 8] * 8
    wide = dict.fromkeys(range(1000), "x" * 70)
    for value in ("x" * 10**6, np.array(["x" * 10**6]), deep, wide, {"a": deep}):
        assert len(describe(value)) <= 1000
    assert describe(np.array(["a", "b"])) == "['a', 'b']"
    assert describe({"a": [1.0, 2.0]}) == "{'a': [1, 2]}"


@pytest.mark.parametrize("name", [5, None, np.zeros(2), ["f"]])
def test_a_name_is_a_text(name):
    class Named:
        pass

    named = Named()
    named.__name__ = name
    assert name_of(named) == "Named"


# --- Names --------------------------------------------------------------------------------------


def test_names_are_replaced_for_a_while():
    names: dict = {"first": 1}
    exec("def answer():\n    return first, second", names)
    other = {"first": 2, "second": 3}
    with contextlib.suppress(ZeroDivisionError), replaced(names["answer"], other):
        assert names["answer"]() == (2, 3)
        raise ZeroDivisionError
    assert names["first"] == 1
    assert "second" not in names
