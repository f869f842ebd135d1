"""What is returned in a subclass of Python's own kinds is looked at as what it is made of."""

from __future__ import annotations

from collections import Counter, OrderedDict
from enum import IntEnum, StrEnum
from typing import NamedTuple

import pytest

from helpers import check_value
from helpers._findings import as_plain


class Pair(NamedTuple):
    low: float
    high: float


class Word(StrEnum):
    SADDLE = "saddle"


class Pretends(tuple):
    def __iter__(self):
        return iter((1.0, 2.0))


class PretendsToBeATuple:
    __class__ = tuple  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Pair(1.0, 2.0), (1.0, 2.0)),
        ([Pair(1.0, 2.0), Pair(3.0, 4.0)], [(1.0, 2.0), (3.0, 4.0)]),
        (OrderedDict(a=1.0), {"a": 1.0}),
        (Counter("aab"), {"a": 2, "b": 1}),
        (IntEnum("Kind", "ONE TWO").TWO, 2),
        (Word.SADDLE, "saddle"),
    ],
    ids=repr,
)
def test_a_subclass_of_pythons_own_kinds_is_what_it_is_made_of(value, expected):
    report = check_value(lambda: value, expected=expected)
    assert report.passed, report.text


@pytest.mark.parametrize("value", [Pretends((3.0, 4.0)), PretendsToBeATuple()], ids=["a", "b"])
def test_what_it_says_of_itself_counts_for_nothing(value):
    assert not check_value(lambda: value, expected=(1.0, 2.0)).passed


def test_where_a_word_is_due_it_is_asked_for():
    report = check_value(lambda: object(), expected="saddle")
    assert "return the word itself, in quotes" in report.text


def test_a_list_that_holds_itself_more_than_once_is_looked_at_once():
    """Else each time it is met within itself it would be gone through as often as it stands there:
    a slip such as `found.append(found)` took longer than anybody waits."""
    found = ["a"]
    found += [found] * 8
    report = check_value(lambda: found, expected=["a"])
    assert not report.passed
    assert as_plain(found) is found
    assert as_plain([Pair(1.0, 2.0), found])[1] is found
