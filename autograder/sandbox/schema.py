"""What a student's process may say: every message by its exact types and sizes.

Nothing that came over the pipe is compared or used before it has been here. What has, is one of
three: an output of a cell, the reply to a request, or something that is asked of the judge.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograder.sandbox.pipe import ProtocolError
from helpers._text import cut, printable
from helpers.checks import Line

MOST_WARNINGS = 20
LONGEST_WARNING = 500
LONGEST_ERROR = 2000
LONGEST_NAME = 100
LONGEST_CODE = 200
LARGEST_NUMBER = 1 << 53

RUN_STUDENT_CODE = ("call", "get", "set", "operator", "repr")
"""Requests that run the student's code, and so may end in an exception of the student's."""


def _nothing(value: Any) -> None:
    _check(value is None, "a value where there is none")


def _yes_or_no(value: Any) -> bool:
    _check(type(value) is bool, "neither yes nor no")
    return bool(value)


def _words(value: Any) -> str:
    _check(type(value) is str, "no text")
    return printable(value, LONGEST_CODE)


RESULTS: dict[str, Callable[[Any], Any]] = {
    "run": _yes_or_no,
    "defined": _yes_or_no,
    "repr": _words,
    "name": lambda value: value,
    "call": lambda value: value,
    "get": lambda value: value,
    "operator": lambda value: value,
    "set": _nothing,
    "replace": _nothing,
    "restore": _nothing,
    "file": _nothing,
    "reset": _nothing,
}
"""What each request must come to, where it comes to anything."""


class Output(NamedTuple):
    """Something that a cell shows: a dict of texts, numbers, lists and dicts."""

    token: str
    content: dict[str, Any]


class Reply(NamedTuple):
    """What a request came to; `ended` where the code ended its process, or tried to."""

    token: str
    value: Any = None
    error: Error | None = None
    ended: bool = False
    warnings: tuple[str, ...] = ()


class Error(NamedTuple):
    """An exception: the names of its classes, its own first; its text; the line of a cell."""

    classes: tuple[str, ...]
    text: str
    line: Line


class Ask(NamedTuple):
    """A call of something of the judge's or of its method, its attribute, or all of these."""

    number: int
    what: str
    target: int
    name: str = ""
    value: Any = None
    args: tuple = ()
    kwargs: dict[str, Any] | None = None

    @property
    def generators(self) -> tuple[np.random.Generator, ...]:
        """What a function may draw from."""
        given = (*self.args, *(self.kwargs or {}).values())
        return tuple(value for value in given if type(value) is np.random.Generator)


def is_output(form: Any) -> bool:
    """Whether a message, not unpacked yet, says that it is an output."""
    parts = form[1] if type(form) is list and len(form) == 2 else None
    return type(parts) is list and parts[1:2] == ["output"]


def checked(message: Any, kind: str, token: str) -> Output | Reply | Ask:
    """A message that came after the request `kind`. Raises `ProtocolError` where it is none."""
    _check(type(message) is tuple and len(message) > 1, "malformed message")
    _, word, *rest = message
    _check(type(word) is str, "malformed message")
    if word == "done" and len(rest) == 4:
        return _reply(kind, token, *rest)
    if word == "output" and len(rest) == 2:
        return _output(*rest)
    if word == "ask" and len(rest) > 2:
        return _ask(*rest)
    raise ProtocolError("a message out of turn")


def _check(right: bool, what: str) -> None:
    if not right:
        raise ProtocolError(what)


def _output(token: Any, content: Any) -> Output:
    _check(type(token) is str and type(content) is dict, "malformed output")
    _check(all(type(name) is str for name in content), "malformed output")
    _check(type(content.get("output_type")) is str, "malformed output")
    _check(type(content.get("wait", False)) is bool, "malformed output")
    return Output(token, content)


def _reply(kind: str, token: str, mine: Any, ok: Any, value: Any, said: Any) -> Reply:
    _check(type(mine) is str and mine == token, "a message out of turn")
    said = said if kind != "run" else ()  # a cell's warnings are among its outputs
    _check(type(said) is tuple and len(said) <= MOST_WARNINGS, "malformed warnings")
    _check(all(type(text) is str for text in said), "malformed warnings")
    if ok is True and kind not in RUN_STUDENT_CODE:
        return Reply(token, RESULTS[kind](value))
    _check(ok is None or type(ok) is bool, "neither a value nor an error")
    _check(kind in RUN_STUDENT_CODE, f"an error in reply to {kind!r}")
    warnings = tuple(printable(text, LONGEST_WARNING) for text in said)
    if ok is True:
        return Reply(token, RESULTS[kind](value), warnings=warnings)
    if ok is None:
        return Reply(token, ended=True, warnings=warnings)
    return Reply(token, error=_error(value), warnings=warnings)


def _error(value: Any) -> Error:
    _check(type(value) is tuple and len(value) == 3, "malformed error")
    classes, text, place = value
    _check(type(classes) is list and len(classes) > 0, "malformed error")
    _check(all(type(name) is str for name in classes) and type(text) is str, "malformed error")
    names = tuple(cut(name, LONGEST_NAME) for name in classes[:20])
    return Error(names, printable(text, LONGEST_ERROR), _line(place))


def _line(place: Any) -> Line:
    """The line of a cell that an error came from, and what is said of it: text that is shown."""
    if type(place) is tuple and [type(part) for part in place] == [str, int, str, str, str]:
        function, number, *texts = place
        if function.isprintable() and 0 <= number < 100_000:
            code, blame, further = (printable(text, LONGEST_CODE) for text in texts)
            return Line(cut(function, LONGEST_NAME), number, code.strip(), blame, further)
    return Line("", 0, "")


def _ask(number: Any, what: Any, target: Any, *rest: Any) -> Ask:
    for each in (number, target):
        _check(type(each) is int and 0 <= each < LARGEST_NUMBER, "malformed question")
    _check(type(what) is str, "malformed question")
    match what, rest:
        case "call", (args, kwargs):
            return Ask(number, what, target, args=_args(args), kwargs=_kwargs(kwargs))
        case "method", (name, args, kwargs):
            return Ask(number, what, target, _name(name), args=_args(args), kwargs=_kwargs(kwargs))
        case "get", (name,):
            return Ask(number, what, target, name=_name(name))
        case "set", (name, value):
            return Ask(number, what, target, name=_name(name), value=value)
        case "vars", ():
            return Ask(number, what, target)
    raise ProtocolError("malformed question")


def _args(args: Any) -> tuple:
    _check(type(args) is tuple, "malformed call")
    return tuple(args)


def _kwargs(kwargs: Any) -> dict[str, Any]:
    _check(type(kwargs) is dict and all(type(name) is str for name in kwargs), "malformed call")
    return dict(kwargs)


def _name(name: Any) -> str:
    _check(type(name) is str and len(name) <= LONGEST_NAME, "malformed name")
    return str(name)
