"""What the protocol carries comes through as it was, without a sandbox."""

from __future__ import annotations

import json
import math
import socket

import numpy as np
import pytest

from autograder.sandbox.pipe import Closed, Pipe, ProtocolError, until
from autograder.sandbox.wire import Ledger


def through(value, there: Ledger | None = None):
    here = Ledger(0, lambda v: ["h", 1], lambda form: None)
    there = there or Ledger(1, lambda v: ["h", 1], lambda form: None)
    form, arrays = here.pack(value)
    return there.unpack(json.loads(json.dumps(form)), memoryview(b"".join(arrays)))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        2**70,
        1e-300,
        math.inf,
        3 + 4j,
        "ä€",
        b"\x00\xff",
        (1, [2.5, {"a": (None,)}], {3, 4}, frozenset({5})),
        np.float32(1.5),
        np.bool_(True),
        np.str_("abc"),
        np.arange(6).reshape(2, 3),
        np.array(3.0),
        np.zeros((0, 4), dtype=np.float32),
        np.array(["ab", "c"]),
        np.arange(3, dtype=">i4"),
    ],
    ids=repr,
)
def test_plain_data_come_through_as_they_are(value):
    other = through(value)
    assert type(other) is type(value)
    assert repr(other) == repr(value)
    if isinstance(value, np.ndarray):
        assert other.dtype == value.dtype


@pytest.mark.parametrize("make", [lambda a: a, np.asfortranarray, lambda a: a[:, ::2]])
def test_an_array_keeps_its_layout_and_its_lock(make):
    array = make(np.arange(24.0).reshape(4, 6))
    array.setflags(write=False)
    other = through(array)
    assert np.array_equal(other, array)
    assert other.flags.c_contiguous == array.flags.c_contiguous
    assert other.flags.f_contiguous == array.flags.f_contiguous
    assert not other.flags.writeable


def test_what_is_one_object_stays_one():
    array = np.zeros(3)
    first, (second, third) = through((array, [array, {"a": array}]))
    assert first is second
    assert third["a"] is first


def test_a_generator_goes_on_where_it_was():
    rng = np.random.default_rng(5)
    rng.integers(10, dtype=np.uint32)  # half of its last word is left
    other = through(rng)
    assert other.bit_generator.state == rng.bit_generator.state
    assert np.array_equal(other.normal(size=9), rng.normal(size=9))


@pytest.mark.parametrize("kind", ["PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_another_generators_state_stays_where_it_is(kind):
    made = np.random.Generator(getattr(np.random, kind)(0))
    assert Ledger(1, lambda value: ["h", 1], lambda form: None).pack(made) == (["h", 1], [])


def test_a_subclass_loses_its_methods_and_keeps_its_name():
    class Equal(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    other = through(Equal(2.0))
    assert type(other).__name__ == "Equal"
    assert other == 2.0
    assert other != 3.0


FORGED = {
    "a number that nobody gave": ["=", 4],
    "the judge's number, never given": ["l", 2, []],
    "pointers": ["a", 1, "|O", [1], "Cw", 8],
    "a size that does not fit": ["a", 1, "<f8", [3], "Cw", 8],
    "negative": ["a", 1, "<f8", [-1], "Cw", 8],
    "endless": ["a", 1, "<f8", [10**9, 10**9], "Cw", 0],
    "many entries of nothing": ["a", 1, "<U0", [10**12], "Cw", 0],
    "records": ["a", 1, "<f8,<f8", [1], "Cw", 16],
    "a generator of another kind": ["g", 1, ["t", ["os", ["d", 3, []]]]],
    "a generator by its state's names": ["g", 1, ["t", ["MT19937", ["d", 3, [["pos", 9999]]]]]],
    "a generator of too few numbers": ["g", 1, "0x1", "0x1"],
    "a generator with a position": ["g", 1, "0x1", "0x1", 0, 0, 0, 1 << 30],
    "a generator that adds an even number": ["g", 1, "0x1", "0x2", 0, 0, 0],
    "a generator beyond its range": ["g", 1, hex(1 << 128), "0x1", 0, 0, 0],
    "a generator below 0": ["g", 1, "-0x1", "0x1", 0, 0, 0],
    "a generator of nothing": ["g", 1, None, "0x1", 0, 0, 0],
    "a generator with a yes for a number": ["g", 1, "0x1", "0x1", True, 0, 0],
    "a generator beyond its word": ["g", 1, "0x1", "0x1", 1, 1 << 32, 0],
    "a generator without a number of children": ["g", 1, "0x1", "0x1", 0, 0],
    "a generator with a yes for its children": ["g", 1, "0x1", "0x1", 0, 0, True],
    "a generator with fewer children than none": ["g", 1, "0x1", "0x1", 0, 0, -1],
    "a generator of a family of its own": ["g", 1, "0x1", "0x1", 0, 0, 0, ["0x1"], []],
    "a subclass of a handle": ["sub", "X", ["h", 1]],
    "a list of its own kind that holds itself": ["sub", "X", ["l", 1, [["sub", "X", [], 5]]], 5],
    "a list of its own kind, numbered with a yes": ["sub", "X", ["l", 1, []], True],
    "a list of its own kind below 0": ["sub", "X", ["l", 1, []], -1],
    "a list of its own kind with a text": ["sub", "X", ["l", 1, []], "5"],
    "a dict with lists as keys": ["d", 1, [[["l", 3, []], 1]]],
    "no tag": [],
    "a dict": {"a": 1},
    "an unknown tag": ["pickle", "cos\nsystem"],
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_value_is_refused(name):
    def unknown(form):
        raise ProtocolError("unknown")

    judge = Ledger(0, lambda v: ["h", 1], unknown)
    with pytest.raises(ProtocolError):
        judge.unpack(FORGED[name], memoryview(b"12345678"))


def own(number: int, place: int, *members) -> list:
    """The form of a list of the student's own kind. place: of what it holds, new each time."""
    return ["sub", "Row", ["l", place, [*members]], number]


def test_lists_of_its_own_kind_hold_each_other_in_no_order_of_messages():
    judge = Ledger(0, lambda v: ["h", 1], lambda form: None)
    first, second = judge.unpack(["t", [own(5, 1), own(7, 3)]], memoryview(b""))
    form = ["t", [own(7, 9, own(5, 11)), own(5, 13, own(7, 15))]]
    again, still = judge.unpack(form, memoryview(b""))
    assert again is second
    assert still is first
    assert second == [[]]
    assert first == []
    with pytest.raises(ProtocolError, match="contains itself"):
        judge.unpack(own(5, 17, own(7, 19, own(5, 21))), memoryview(b""))


def test_a_list_of_its_own_kind_that_many_hold_does_not_grow():
    judge = Ledger(0, lambda v: ["h", 1], lambda form: None)
    holder = judge.unpack(["l", 1, [own(5, 3 + 2 * k) for k in range(1000)]], memoryview(b""))
    assert all(one is holder[0] for one in holder)
    with pytest.raises(ProtocolError, match="lists within lists"):
        judge.unpack(own(5, 9001, *[0] * 100_000), memoryview(b""))


def test_a_message_has_a_largest_size_and_an_end():
    ours, theirs = socket.socketpair()
    theirs.sendall(b"\xff" * 8)
    with pytest.raises(ProtocolError, match="MB"):
        Pipe(ours).receive(until(1))
    pipe = Pipe(ours)
    theirs.sendall(b"\x00\x00\x00\x02\x00\x00\x00\x00{")
    with pytest.raises(TimeoutError):
        pipe.receive(until(0.05))
    theirs.close()
    with pytest.raises(Closed):
        pipe.receive(until(1))


@pytest.mark.parametrize("text", ["half \ud800 a character", "é∂ \x00 \x7f", "\U0001f600", ""])
def test_any_text_goes_through_a_pipe(text):
    ours, theirs = socket.socketpair()
    Pipe(theirs).send(["t", [text, 0.1, -0.0, 1 << 62, True, None]], [b"12"])
    content, arrays = Pipe(ours).receive(until(1))
    assert content == ["t", [text, 0.1, -0.0, 1 << 62, True, None]]
    assert str(content[1][2]) == "-0.0"
    assert bytes(arrays) == b"12"


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"1" * 100_000,
        b"NaN,",
        b'"\xff"',
        b"1 2",
        b"",
    ],
    ids=["open", "deep", "long", "more", "no text", "two", "nothing"],
)
def test_what_is_no_json_is_refused_at_once(text):
    ours, theirs = socket.socketpair()
    theirs.sendall(len(text).to_bytes(4, "big") + bytes(4) + text)
    with pytest.raises(ProtocolError, match="not JSON"):
        Pipe(ours).receive(until(1))


def test_a_number_of_which_no_text_can_be_made_goes_by_name():
    here = Ledger(0, lambda v: ["h", 1, "int", "", False], lambda form: None)
    form, _ = here.pack(1 << 20_000)
    assert "huge_integer" in json.dumps(form)
    assert through(1 << 13_999) == 1 << 13_999
