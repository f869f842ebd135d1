"""Calls that travel together: each is told what it did, as if it had been made alone."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest

from autograder.sandbox.session import Stopped
from helpers._findings import Raised
from helpers.questions.base import call_each, run_each
from helpers.questions.kept import Kept
from tests.conftest import contained

SOURCE = """
import os, time, warnings
import numpy as np

same = np.zeros(2)
calls = []

def answer(x):
    calls.append(x)
    match x:
        case "wrong":
            raise ValueError("this one")
        case "warns":
            warnings.warn("of this one")
        case "exits":
            raise SystemExit
        case "ends":
            os._exit(3)
        case "sleeps":
            time.sleep(60)
    return x

def buffer(x):
    same[:] = x
    return same

def fills(x):
    calls.append(x)
    for each in calls:
        each[:] = len(calls)
    return len(calls)

def asks(x):
    return double(x)

def asks_and_sleeps(x):
    double(x)
    if x == "sleeps":
        time.sleep(60)
    return x

def itself(x):
    return x

def much(x):
    return np.zeros((600, 600)) if x.size < 10 else np.zeros(2)

def made():
    return len(calls)
"""


@pytest.fixture
def get(start):
    """Reaches what the student has defined."""
    session = start(seconds=20)
    assert session.run(SOURCE, lambda output: None)
    session.reset()
    return lambda name: session.request("name", name)


def each(f, *many):
    return call_each(f, [(x,) for x in many])


@contained
def test_outcomes_come_in_order_and_each_with_its_own_error_and_warnings(get):
    found = list(each(get("answer"), 1, "warns", "wrong", 4))
    assert [result.value for result in found] == [1, "warns", None, 4]
    assert "ValueError: this one" in found[2].error
    assert [result.warnings for result in found] == [(), ("of this one",), (), ()]


@contained
def test_what_is_returned_again_and_again_is_seen_as_it_was_each_time(get):
    kept = Kept()
    for x, result in zip((1.0, 2.0, 3.0), each(get("buffer"), 1.0, 2.0, 3.0), strict=True):
        assert list(result.value) == [x, x]
        kept.add(result.value, get("buffer"), (x,))
    with pytest.raises(Exception, match="changed by a later call"):
        kept.look_again()


@contained
def test_what_a_call_changes_is_changed_when_it_is_looked_at(get):
    handed = [(np.zeros(2),) for _ in range(3)]
    for count, result in enumerate(call_each(get("fills"), handed), 1):
        assert result.value == count
        assert [list(x) for (x,) in handed] == [[count] * 2] * count + [[0, 0]] * (3 - count)


@contained
def test_a_call_that_asks_the_judge_is_over_before_the_next_begins(get):
    asks, asked = get("asks"), []

    def double(x):
        asked.append(x)
        return 2 * x

    with asks.__replacing__({"double": double}):
        assert [result.value for result in each(asks, 1, 2, 3, 4)] == [2, 4, 6, 8]
    assert asked == [1, 2, 3, 4]


@contained
def test_what_the_judge_asks_meanwhile_does_not_wait_for_what_was_called_ahead(get):
    asks, answer = get("asks"), get("answer")
    with asks.__replacing__({"double": lambda x: [answer(x), answer(-x)]}):
        assert [result.value for result in each(asks, 1, 2, 3)] == [[1, -1], [2, -2], [3, -3]]


@contained
def test_what_is_asked_before_all_is_looked_at_is_told_after_them(get):
    answer, made = get("answer"), get("made")
    found = each(answer, 1, 2, "wrong", 4)
    assert [next(found).value, next(found).value] == [1, 2]
    assert made() == 4
    assert "this one" in next(found).error
    assert next(found).value == 4


@contained
def test_nothing_of_what_nobody_looked_at_is_left(get):
    answer = get("answer")
    for _ in range(3):
        with pytest.raises(Raised, match="this one"):
            list(run_each(answer, [(1,), ("wrong",), ("warns",), (4,)]))
        assert answer(5) == 5
        answer._session.rest()
        assert not answer._session.ahead


@contained
def test_the_first_call_is_over_before_the_others_are_made(get):
    answer, made = get("answer"), get("made")
    found = each(answer, 1, 2, 3)
    next(found)
    assert made() == 1


@contained
def test_more_than_a_pipe_takes_travels_both_ways(get):
    many = [np.full(20_000, float(k)) for k in range(40)]
    found = each(get("itself"), *many)
    assert all(np.array_equal(r.value, x) for r, x in zip(found, many, strict=True))
    found = [result.value for result in call_each(get("fills"), [(x,) for x in many])]
    assert found == list(range(1, 41))


@contained
@pytest.mark.parametrize(
    ("what", "why"), [("exits", "exited"), ("ends", "exited"), ("sleeps", "time")]
)
def test_one_that_ends_the_process_stops_there(get, what, why):
    answer = get("answer")
    answer._session.allow(1.0)
    found = each(answer, 1, 2, what, 4)
    assert next(found).value == 1
    with pytest.raises(Stopped) as stopped:
        list(found)
    assert stopped.value.reason == why


@contained
def test_a_large_call_among_small_ones_that_return_much_goes_alone(get):
    much = get("much")
    sizes = [2, 2, 60_000, 2]
    found = call_each(much, [(np.zeros(size),) for size in sizes])
    assert [result.value.shape for result in found] == [(600, 600), (600, 600), (2,), (600, 600)]


@contained
def test_without_haste_each_call_is_over_before_the_next_is_made(get):
    answer, made = get("answer"), get("made")
    answer._session.in_haste = False
    found = each(answer, 1, 2, 3)
    next(found), next(found)
    assert made() == 2


@contained
def test_who_closes_waits_for_nothing(get, monkeypatch):
    answer = get("asks_and_sleeps")
    session = answer._session
    with suppress(Stopped), answer.__replacing__({"double": repr}):
        found = each(answer, 1, 2, "sleeps")
        next(found), next(found)
        assert session.ahead
        monkeypatch.setattr(session, "_listen", lambda *_: pytest.fail("it waits"))
        session.close()
    assert not session.alive


@contained
def test_one_that_nobody_looked_at_and_that_never_ends_is_found_at_the_end(get):
    answer = get("asks_and_sleeps")
    answer._session.allow(1.0)
    with answer.__replacing__({"double": abs}):
        found = each(answer, 1, 2, 3)
        assert [next(found).value, next(found).value] == [1, 2]
        found.close()
        answer._session.rest()
    with suppress(Stopped), answer.__replacing__({"double": repr}):
        found = each(answer, 1, 2, "sleeps")
        assert [next(found).value, next(found).value] == [1, 2]
        with pytest.raises(Stopped):
            answer._session.rest()


@contained
def test_a_function_that_is_handed_over_is_called_in_one_call_at_a_time(get):
    asks, made = get("answer"), get("made")
    found = call_each(asks, [(abs,), (abs,), (abs,)])
    next(found)
    next(found)
    assert made() == 2


def test_an_answer_that_is_here_is_called_in_turn():
    calls = []
    found = each(calls.append, 1, 2)
    next(found)
    assert calls == [1]
