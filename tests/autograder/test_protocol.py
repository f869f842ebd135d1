"""What a student's process may say: by exact types, within bounds, cleaned; else it is stopped."""

from __future__ import annotations

import contextlib
import signal

import numpy as np
import pytest

from autograder.sandbox.pipe import ProtocolError
from autograder.sandbox.schema import RESULTS, Ask, Error, Output, Reply, checked, is_output
from autograder.sandbox.unpack import LONGEST, MOST_ENTRIES, MOST_MEMBERS, MOST_OBJECTS, fill
from autograder.sandbox.wire import Ledger
from helpers.checks import Line

TOKEN = "0123456789abcdef"


def ledger() -> Ledger:
    return Ledger(0, lambda value: ["h", 1], lambda form: object())


def taken(form, arrays: bytes = b"", whole: bool = False, into: Ledger | None = None):
    return (into or ledger()).unpack(form, memoryview(arrays), whole)


# --- Messages -----------------------------------------------------------------------------------


def done(ok, value=None, said=(), token=TOKEN):
    return ((), "done", token, ok, value, said)


ERROR = (["ValueError", "Exception"], "a text", ("f", 3, "x", "", ""))


def test_a_reply_is_taken_as_it_is():
    assert checked(done(True, 2.0, ("odd",)), "call", TOKEN) == Reply(TOKEN, 2.0, warnings=("odd",))
    error = Error(("ValueError", "Exception"), "a text", Line("f", 3, "x"))
    assert checked(done(False, ERROR), "call", TOKEN) == Reply(TOKEN, error=error)
    assert checked(done(None, "exited"), "get", TOKEN) == Reply(TOKEN, ended=True)
    assert checked(done(True, True), "run", TOKEN) == Reply(TOKEN, True)
    output = {"output_type": "stream", "text": "a"}
    assert checked(((), "output", TOKEN, output), "run", TOKEN) == Output(TOKEN, output)
    ask = checked(((), "ask", 3, "call", 4, (1,), {"x": 2}), "call", TOKEN)
    assert ask == Ask(3, "call", 4, args=(1,), kwargs={"x": 2})


class Text(str):
    __slots__ = ()


class Pair(tuple):
    __slots__ = ()


REFUSED = {
    "no message": [],
    "a message of nothing": (),
    "a word that is a number": ((), 5),
    "a word that is an array": ((), np.array(["done"]), TOKEN, True, 1, ()),
    "a word of NumPy's": ((), np.str_("done"), TOKEN, True, 1, ()),
    "an unknown word": ((), "undone", TOKEN, True, 1, ()),
    "a reply cut short": ((), "done", TOKEN, True, 1),
    "another token": done(True, 1, token="f" * 16),
    "a token of a class of its own": done(True, 1, token=Text(TOKEN)),
    "0 for no": done(0, ERROR),
    "1 for yes": done(1, 1.0),
    "NumPy's yes": done(np.bool_(True), 1.0),
    "an array of yes": done(np.ones(2, bool), 1.0),
    "warnings in a list": done(True, 1, ["a"]),
    "a warning that is a number": done(True, 1, (5,)),
    "a warning that is an object": done(True, 1, (object(),)),
    "a warning of NumPy's": done(True, 1, (np.str_("a"),)),
    "too many warnings": done(True, 1, ("a",) * 21),
    "warnings in a tuple of its own": done(True, 1, Pair(("a",))),
    "an error of two parts": done(False, ERROR[:2]),
    "an error in a list": done(False, list(ERROR)),
    "an error of no class": done(False, ([], "a text", None)),
    "an error whose class is a number": done(False, ([5], "a text", None)),
    "an error whose text is a number": done(False, (["ValueError"], 5, None)),
    "an error whose text is an array": done(False, (["ValueError"], np.array("a"), None)),
    "an output that is no dict": ((), "output", TOKEN, [1]),
    "an output of no type": ((), "output", TOKEN, {"text": "a"}),
    "an output whose type is an array": ((), "output", TOKEN, {"output_type": np.zeros(2)}),
    "an output with numbers for names": ((), "output", TOKEN, {"output_type": "clear", 5: 5}),
    "an output that waits for an array": (
        (), "output", TOKEN, {"output_type": "clear", "wait": np.ones(2)}
    ),
    "an output's token is a number": ((), "output", 5, {"output_type": "clear"}),
    "a question that is numbered in fractions": ((), "ask", 1.0, "vars", 2),
    "a question that is numbered yes": ((), "ask", True, "vars", 2),
    "a question below 0": ((), "ask", 1, "vars", -2),
    "a question beyond all numbers": ((), "ask", 1 << 70, "vars", 2),
    "a question that is no text": ((), "ask", 1, 5, 2),
    "an unknown question": ((), "ask", 1, "delete", 2, "x"),
    "a call without names": ((), "ask", 1, "call", 2, ()),
    "a call with a list": ((), "ask", 1, "call", 2, [], {}),
    "a call with numbers for names": ((), "ask", 1, "call", 2, (), {5: 5}),
    "a name that is a list": ((), "ask", 1, "get", 2, ["weights"]),
    "a name of NumPy's": ((), "ask", 1, "get", 2, np.str_("weights")),
    "a name of megabytes": ((), "ask", 1, "set", 2, "x" * 1000, 5),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_any_other_message_is_refused(name):
    with pytest.raises(ProtocolError):
        checked(REFUSED[name], "call", TOKEN)


@pytest.mark.parametrize("kind", ["run", "defined"])
@pytest.mark.parametrize("value", [1, 0, None, "yes", np.bool_(True), np.ones(2), [True]])
def test_yes_or_no_is_one_of_two(kind, value):
    with pytest.raises(ProtocolError):
        checked(done(True, value), kind, TOKEN)


@pytest.mark.parametrize("kind", sorted(set(RESULTS) - {"call", "get", "set", "operator", "repr"}))
@pytest.mark.parametrize("ok", [False, None])
def test_what_cannot_fail_does_not(kind, ok):
    with pytest.raises(ProtocolError, match="an error in reply"):
        checked(done(ok, ERROR), kind, TOKEN)


@pytest.mark.parametrize("kind", ["set", "replace", "restore", "file", "reset"])
def test_what_comes_to_nothing_has_no_value(kind):
    assert checked(done(True, None), kind, TOKEN) == Reply(TOKEN)
    with pytest.raises(ProtocolError):
        checked(done(True, 0), kind, TOKEN)


def test_what_is_said_is_cut_and_cleaned():
    wide = "\x1b[2J" + "x" * 100_000
    reply = checked(done(True, 1.0, (wide,)), "call", TOKEN)
    assert isinstance(reply, Reply)
    assert reply.warnings[0].startswith(r"\x1b[2Jxxx")
    assert len(reply.warnings[0]) <= 500
    lie = ["E" * 10_000], wide, ("f" * 1000, 3, "y\u202e" * 1000, "", "")
    failed = checked(done(False, lie), "call", TOKEN)
    assert isinstance(failed, Reply)
    assert failed.error is not None
    assert [len(name) for name in failed.error.classes] == [100]
    assert len(failed.error.text) <= 2000
    assert len(failed.error.line.function) == 100
    assert len(failed.error.line.code) <= 200
    assert "\u202e" not in failed.error.line.code


def test_only_what_runs_a_students_code_warns():
    assert checked(done(True, True, ("odd",)), "defined", TOKEN) == Reply(TOKEN, True)
    assert checked(done(True, True, np.ones(2)), "run", TOKEN) == Reply(TOKEN, True)
    with pytest.raises(ProtocolError):
        checked(done(True, True, ["odd"]), "defined", TOKEN)


def test_an_output_is_told_by_its_place_alone():
    assert is_output(["t", [["t", []], "output", TOKEN, 5]])
    for form in (5, [], ["t"], ["t", 5], ["t", []], ["t", [["t", []], "done", "output"]]):
        assert not is_output(form)


# --- Values -------------------------------------------------------------------------------------


def test_a_text_is_cleaned_and_cut_but_for_an_output():
    odd = "a\ud800\x1b\u202e\x00b"
    assert taken(odd) == r"a\ud800\x1b\u202e\x00b"
    assert len(taken("x" * 1_000_000)) == LONGEST
    assert taken("x" * 1_000_000 + "\x1b", whole=True) == "x" * 1_000_000 + "\x1b"
    assert taken("\ud800", whole=True) == "?"
    assert len(taken(["y", "00" * 1_000_000])) == LONGEST


def test_a_text_in_an_array_is_text():
    """A point beyond all characters, and half of one, fail wherever the array is looked at."""
    codes = np.array([[0x41, 0xD800, 0x110000, 0xFFFFFFFF, 0x20AC]], dtype="<u4")
    array = taken(["a", 1, "<U5", [1], "Cw", 20], codes.tobytes())
    assert array.tolist() == ["A???€"]
    assert array.dtype == "<U5"
    turned = taken(["a", 1, ">U5", [1], "Cw", 20], codes.astype(">u4").tobytes())
    assert turned.tolist() == ["A???€"]
    assert turned.dtype == ">U5"
    wide = np.array(["x" * 1_000_000])
    array = taken(["a", 1, "<U1000000", [1], "Cw", wide.nbytes], wide.tobytes())
    assert array.dtype == f"<U{LONGEST}"
    assert taken(["a", 1, "|S3", [2], "Cw", 6], b"abcdef").tolist() == [b"abc", b"def"]


def test_an_array_of_no_bytes_shows_no_memory():
    array = taken(["a", 1, "<U0", [1000], "Cw", 0])
    assert set(array.tolist()) == {""}


def test_yes_and_no_in_an_array_are_one_of_two():
    array = taken(["a", 1, "|b1", [4], "Cw", 4], bytes([0, 1, 2, 255]))
    assert array.view(np.uint8).tolist() == [0, 1, 1, 1]
    assert taken(["n", "|b1", 1], b"\x02") == np.True_


HALF = MOST_ENTRIES // 2 + 1
LARGE = {
    "an integer of many digits": ["i", hex(1 << 20_000)],
    "an integer that is written as text": ["i", "0x" + "f" * 100_000],
    "an integer that is no text": ["i", 5],
    "arrays of nothing": ["t", [["o", k, "", [HALF]] for k in (1, 3)]],
    "texts of nothing": ["t", [["a", k, "<U0", [HALF], "Cw", 0] for k in (1, 3)]],
    "a set of many": ["s", 1, list(range(MOST_MEMBERS + 1))],
    "a dict of many": ["d", 1, [[k, 0] for k in range(MOST_MEMBERS + 1)]],
    "a frozen set of many": ["z", list(range(MOST_MEMBERS + 1))],
    "objects without end": ["t", [["h", 1, "f", "f", True]] * (MOST_OBJECTS + 1)],
    "classes without end": ["t", [["sub", "Odd", 1]] * (MOST_OBJECTS + 1)],
    "a long text among many numbers": ["l", 1, ["x" * LONGEST, *range(10_000)]],
    "a long text in an array, among many": [
        "l", 1, [["a", 3, f"<U{LONGEST}", [1], "Cw", 4 * LONGEST], *range(10_000)]
    ],
    "many axes": ["a", 1, "<f8", [1] * 33, "Cw", 8],
    "a dtype in words": ["a", 1, "float64", [1], "Cw", 8],
    "a dtype of many": ["a", 1, "8f8", [1], "Cw", 64],
    "a layout of its own": ["a", 1, "<f8", [1], "XX", 8],
    "a layout that is a list": ["a", 1, "<f8", [1], ["C", "w"], 8],
    "the same list twice": ["t", [["l", 1, []], ["l", 1, []]]],
    "a list within itself, by its number": ["l", 1, [["l", 1, []]]],
    "a list within another within it": ["l", 1, [["l", 3, [["=", 1]]]]],
    "a number that is a list": ["l", [1], []],
    "members that are no list": ["s", 1, 5],
    "letters for a list": ["l", 1, "abc"],
    "letters for a tuple": ["t", "abc"],
    "names for a tuple": ["t", {"a": 1}],
    "letters for a frozen set": ["z", "abc"],
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_a_value_is_within_bounds(name):
    with pytest.raises(ProtocolError):
        taken(LARGE[name], bytes(4 * LONGEST))


def test_lists_cannot_come_to_hold_each_other():
    into = ledger()
    taken(["l", 1, [["l", 3, []]]], into=into)
    with pytest.raises(ProtocolError):
        taken(["l", 3, [["l", 1, [["l", 3, []]]]]], into=into)
    taken(["l", 3, [["l", 1, []]]], into=into)
    outer, inner = into.objects[3], into.objects[1]
    assert (outer, inner) == ([[]], [])
    assert outer[0] is inner


def test_a_list_cannot_grow_within_older_ones_beyond_bounds():
    """Each message is small; what one walks through, from a list that was there, is not."""
    into = ledger()
    many = ["l", 3, [["l", 1, []], *[["=", 1]] * 100_000]]
    outer = taken(many, into=into)
    with pytest.raises(ProtocolError, match="lists within lists"):
        taken(["l", 1, list(range(1000))], into=into)
    assert len(outer) == 100_001

    into = ledger()
    taken(["l", 3, [["l", 1, []], *[["=", 1]] * 50]], into=into)
    for size in range(0, 2000, 50):  # as an honest list of results grows
        taken(["l", 1, list(range(size))], into=into)


def test_a_number_has_one_value_at_a_time():
    """A number that was the judge's list and becomes an array is that list's no more."""
    into = ledger()
    mine = [1.0]
    into.pack(mine)
    assert taken(["a", 0, "<f8", [1], "Cw", 8], bytes(8), into=into).tolist() == [0.0]
    assert mine == [1.0]
    form, _ = into.pack(mine)
    assert form[1] == 2


class Late(BaseException):
    pass


@contextlib.contextmanager
def alarm(seconds: float):
    """As in a session: an alarm interrupts whatever is computed in Python, and nothing in C."""

    def ring(*_):
        raise Late

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


SAME_HASH = [(2**61 - 1) * k for k in range(1, 50_000)]
ALSO_SAME_HASH = [complex(5 - 1_000_003 * k, k) for k in range(50_000)]


@pytest.mark.parametrize("keys", [SAME_HASH, ALSO_SAME_HASH], ids=["integers", "complex numbers"])
@pytest.mark.parametrize("kind", [set, dict])
def test_an_alarm_comes_through_where_hashes_collide(keys, kind):
    """It finds them half full: to fill one takes from ten seconds to a minute."""
    assert len(set(map(hash, keys))) == 1
    there = kind()
    with pytest.raises(Late), alarm(0.3):
        fill(there, [(key, 0) for key in keys] if kind is dict else keys)
    assert len(there) < len(keys)


def test_a_frozen_set_is_filled_in_steps_too():
    with pytest.raises(Late) as late, alarm(0.3):
        taken(["z", SAME_HASH])
    *_, interrupted, _ = late.traceback
    assert interrupted.name == "<genexpr>", "the alarm came when all was done"
