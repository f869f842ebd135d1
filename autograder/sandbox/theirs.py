"""What is the judge's, as the student's code sees it: functions and objects behind the pipe."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .wire import Names

if TYPE_CHECKING:
    from .student import Desk


def function_of(desk: Desk, number: int, name: str) -> Callable:
    def function(*args: Any, **kwargs: Any) -> Any:
        return desk.ask("call", number, args, Names(kwargs))

    function.__name__ = function.__qualname__ = name
    function._of_the_judge = number  # type: ignore[attr-defined]
    return function


class Theirs:
    """An object of the judge's: attributes are read and written over the pipe.

    What was read is kept as long as nothing of the judge's can have run.
    """

    __slots__ = ("__weakref__", "_desk", "_methods", "_of_the_judge", "_read")

    def __init__(self, desk: Desk, number: int, methods: list[str]):
        begin = {"_desk": desk, "_of_the_judge": number, "_methods": set(methods), "_read": None}
        for name, value in begin.items():
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._methods:
            return method_of(self._desk, self._of_the_judge, name)
        read = self._read
        if read is None:
            read = self.__dict__
            object.__setattr__(self, "_read", read)
            self._desk.read.append(self)
        if name in read:
            return read[name]
        return self._desk.ask("get", self._of_the_judge, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._desk.ask("set", self._of_the_judge, name, value)
        self._methods.discard(name)
        object.__setattr__(self, "_read", None)

    @property
    def __dict__(self) -> dict:  # type: ignore[override]
        return self._desk.ask("vars", self._of_the_judge)


def method_of(desk: Desk, number: int, name: str) -> Callable:
    def method(*args: Any, **kwargs: Any) -> Any:
        return desk.ask("method", number, name, args, Names(kwargs))

    method.__name__ = method.__qualname__ = name
    return method


OF_THE_JUDGE = (types.FunctionType, Theirs)
