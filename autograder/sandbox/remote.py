"""What is the student's, as the judge sees it: objects behind the pipe, and exceptions."""

from __future__ import annotations

import builtins
import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from autograder.sandbox.schema import Error
from autograder.sandbox.subclasses import NAME
from autograder.sandbox.wire import Names

if TYPE_CHECKING:
    from autograder.sandbox.session import Session


EXCEPTIONS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and not issubclass(kind, BaseExceptionGroup)  # which cannot be made of nothing
}
"""Python's own, by name: what a student's exception may be for whoever catches it here."""


def raise_as_there(error: Error) -> NoReturn:
    """Raise an exception that says what the student's said: its class's name, its text, its line.

    All three are data that are shown. No code, file or traceback is made of them.
    """
    known = (EXCEPTIONS[name] for name in error.classes if name in EXCEPTIONS)
    base: Any = next(known, Exception)
    name = error.classes[0] if NAME.fullmatch(error.classes[0]) else "Exception"
    made: Any = type(name, (base,), {"__str__": lambda self: error.text, "raised_at": error.line})
    raise made.__new__(made)


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

    @contextlib.contextmanager
    def __replacing__(self, values: dict[str, Any]) -> Iterator[None]:
        """Among the names that this function sees, these are others for a while."""
        self._session.request("replace", self, values)
        try:
            yield
        finally:
            self._session.request("restore", self)


class RemoteFunction(Remote):
    """A student's function, class, or object that can be called."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._session.request("call", self, args, Names(kwargs))

    def __call_each__(self, many: Sequence[tuple]) -> Iterator[Callable[[], Any]]:
        """The outcomes of independent calls, which travel together: see `Session.call_each`."""
        return self._session.call_each(self, many)


def _operator(name: str, turned: bool = False) -> Callable:
    def apply(self: Remote, *others: Any) -> Any:
        operands = (*others, self) if turned else (self, *others)
        return self._session.request("operator", name, *operands)

    return apply


for _name in ("add", "sub", "mul", "truediv", "matmul", "pow"):
    setattr(Remote, f"__{_name}__", _operator(_name))
    setattr(Remote, f"__r{_name}__", _operator(_name, turned=True))
setattr(Remote, "__neg__", _operator("neg"))  # noqa: B010


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """Warnings of student code that nobody asked about stay off the grader's own screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
