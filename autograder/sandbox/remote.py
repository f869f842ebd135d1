"""What is the student's, as the judge sees it: objects behind the pipe, and exceptions."""

from __future__ import annotations

import builtins
import contextlib
import linecache
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from autograder.sandbox.wire import NAME

if TYPE_CHECKING:
    from autograder.sandbox.session import Session


def raise_as_there(classes: list[str], text: str, place: Any) -> NoReturn:
    """Raise the student's exception, from the line of the cell where it was raised.

    So that what puts an exception into words finds the class's name, the text, and the line.
    """
    known: list[Any] = [getattr(builtins, name, None) for name in classes]
    bases = [k for k in known if isinstance(k, type) and issubclass(k, Exception)]
    name = classes[0] if NAME.fullmatch(classes[0]) else "Exception"
    made: Any = type(name, (bases[0] if bases else Exception,), {"__str__": lambda self: text})
    error: Exception = made.__new__(made)
    match place:
        case (str(file), str(function), int(line), str(code)) if 0 < line < 100_000:
            file, function = file[:100], function[:100]
            _show_line(file, line, code[:200])
            raiser = compile("\n" * (line - 1) + "raise error", file, "exec")
            function = function if function.isprintable() else "function"
            exec(raiser.replace(co_name=function), {"error": error})
    raise error


_lines_shown: list[str] = []


def _show_line(file: str, line: int, code: str) -> None:
    """Let tracebacks quote this line. Of files of many names only the last few are kept."""
    if file not in _lines_shown:
        _lines_shown.append(file)
    if len(_lines_shown) > 20:
        linecache.cache.pop(_lines_shown.pop(0), None)
    linecache.cache[file] = (len(code), None, [""] * (line - 1) + [code + "\n"], file)


# --- The student's own, as the judge sees it ------------------------------------------------------


class Remote:
    """An object of a student's class: attributes and operators reach it over the pipe."""

    __array_ufunc__ = None  # arithmetic with arrays is its business, as with the real object

    def __init__(self, session: Session, number: int, name: str):
        vars(self).update(_session=session, _number=number)
        if name:
            vars(self)["__name__"] = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._session.request("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._session.request("set", self, name, value)

    def __repr__(self) -> str:
        return str(self._session.request("repr", self))

    def __del__(self) -> None:
        self._session.released.append(self._number)

    def __deepcopy__(self, memo: dict) -> Remote:
        return self

    @property
    def __globals__(self) -> Names:
        return Names(self)


class RemoteFunction(Remote):
    """A student's function, class, or object that can be called."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._session.request("call", self, args, kwargs)


def _operator(name: str, turned: bool = False) -> Callable:
    def apply(self: Remote, *others: Any) -> Any:
        operands = (*others, self) if turned else (self, *others)
        return self._session.request("operator", name, *operands)

    return apply


for _name in ("add", "sub", "mul", "truediv", "matmul", "pow"):
    setattr(Remote, f"__{_name}__", _operator(_name))
    setattr(Remote, f"__r{_name}__", _operator(_name, turned=True))
setattr(Remote, "__neg__", _operator("neg"))  # noqa: B010


class Names:
    """The names that a student's function sees: some can be put in place and taken away.

    What is taken away goes with the next `update`, so that a whole change is one message.
    """

    def __init__(self, answer: Remote):
        self.answer = answer
        names = answer._session.request("globals", answer)
        self.there = {name for name in names if type(name) is str} if type(names) is list else set()
        self.gone: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self.there

    def __getitem__(self, name: str) -> Any:
        return self.answer._session.request("global", self.answer, name)

    def update(self, values: dict) -> None:
        self.answer._session.request("swap", self.answer, self.gone, dict(values))
        self.gone = []

    def pop(self, name: str, default: Any = None) -> None:
        self.gone.append(name)


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """Warnings of student code that nobody asked about stay off the grader's own screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
