"""A conversation with one submission's process: run its cells, and reach its answers.

What a student defined is reached through `Remote` objects, which behave like the real ones as far
as the exercise bank looks. Whatever goes wrong with the process is a `Stopped` with its reason.
"""

from __future__ import annotations

import builtins
import contextlib
import linecache
import secrets
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NoReturn
from weakref import WeakValueDictionary

from autograder.sandbox.container import Ending, Process
from autograder.sandbox.wire import NAME, Closed, Ledger, ProtocolError

DEEPEST_CALLS = 40
"""Calls within calls, to and fro."""
MOST_OUTPUT = 20_000_000
"""Bytes of outputs of one cell."""

REASONS = {
    "time": "it ran longer than {limit}",
    "memory": "it needed more memory than it may have",
    "processes": "it started more processes or threads than it may have",
    "output": "it wrote more than it may",
    "crashed": "its process ended by {detail}",
    "exited": "it ended its own process",
    "protocol": "its process sent what no answer is ({detail})",
}


class Stopped(BaseException):
    """The student's process was stopped, or stopped itself.

    Not an `Exception`: no property may take it for an error of the answer.
    """

    def __init__(self, reason: str, detail: str = "", limit: str = "its time"):
        super().__init__(f"{reason}: {REASONS[reason].format(detail=detail, limit=limit)}")
        self.reason = reason


class Gone(Stopped):
    """The process is no more; the next question needs a fresh one."""


class Session:
    """One process, and what both sides share."""

    def __init__(self, process: Process):
        self.process = process
        self.ledger = Ledger(0, self._stranger, self._known)
        self.exports: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        self.remotes: WeakValueDictionary[int, Remote] = WeakValueDictionary()
        self.released: list[int] = []
        self.deadline = time.monotonic()
        self.patience = 0.0
        self.depth = 0
        self.fate: Gone | None = None

    @property
    def alive(self) -> bool:
        return self.fate is None

    # --- Limits and endings

    def allow(self, seconds: float) -> None:
        """What follows may take so long, all together."""
        self.patience = seconds
        self.deadline = time.monotonic() + seconds

    def close(self) -> Ending:
        self.fate = self.fate or Gone("exited")
        return self.process.end()

    def _stop(self, reason: str, detail: str = "") -> NoReturn:
        self.fate = Gone(reason, detail, f"{self.patience:g} s")
        self.close()
        raise self.fate

    def _died(self) -> NoReturn:
        """Its end of the pipe is closed: what became of it?"""
        ending = self._wait()
        if ending.status == -signal.SIGXCPU:
            self._stop("time")
        if ending.status == -signal.SIGKILL:
            self._stop("memory" if ending.memory > 1 << 29 else "crashed", "a signal, KILL")
        if ending.status < 0:
            self._stop("crashed", f"a signal, {signal.Signals(-ending.status).name[3:]}")
        self._stop("exited")

    def _wait(self) -> Ending:
        """Its ending, as it was before we end it; it may only have closed the pipe."""
        self.process.watch.settimeout(1)
        with contextlib.suppress(OSError):
            self.process.unread += self.process.watch.recv(4096)
        return self.process.end()

    # --- Messages

    def run(self, source: str, show: Callable[[dict], None]) -> bool:
        """Run a cell and show its outputs as they come; did it run to its end?"""
        size = 0

        def measured(output: Any) -> None:
            nonlocal size
            size += _size(output)
            if size > MOST_OUTPUT:
                self._stop("output")
            show(output)

        return bool(self._request("run", source, show=measured))

    def request(self, kind: str, *arguments: Any) -> Any:
        """Ask the process for something; an exception of the student's is raised here."""
        if len(self.released) > 20 and self.alive:
            released, self.released = self.released, []
            self._request("release", released)
        return self._request(kind, *arguments)

    def reset(self) -> None:
        """Forget all that is shared: nothing of one question is left for the next."""
        self._request("reset")
        self.ledger.forget()
        self.exports.clear()
        self.numbers.clear()
        self.remotes.clear()
        self.released.clear()

    def _request(
        self, kind: str, *arguments: Any, show: Callable[[Any], None] | None = None
    ) -> Any:
        if self.fate is not None:
            raise self.fate
        if self.depth >= DEEPEST_CALLS:
            self._stop("protocol", "too many calls within calls")
        self.depth += 1
        try:
            token = secrets.token_hex(8)
            self._send(kind, token, *arguments)
            return self._listen(token, show)
        except Closed:
            self._died()
        except TimeoutError:
            self._stop("time")
        except ProtocolError as error:
            self._stop("protocol", str(error))
        finally:
            self.depth -= 1

    def _send(self, *message: Any) -> None:
        try:
            self.process.pipe.send(*self.ledger.pack(message))
        except TimeoutError:
            self._stop("time")

    def _listen(self, token: str, show: Callable[[Any], None] | None) -> Any:
        """Until the reply to this request comes, answer what the student's code asks."""
        while True:
            self.process.pipe.connection.settimeout(max(0.01, self.deadline - time.monotonic()))
            message = self.ledger.unpack(*self.process.pipe.receive(self.deadline))
            match message:
                case (_, "output", str(mine), dict(output)) if mine == token and show:
                    show(output)
                case (_, "output", str(), dict()):
                    pass  # of something that runs on in the background
                case (_, "done", str(mine), ok, value, tuple(said)) if mine == token:
                    for text in said:
                        warnings.warn(str(text), stacklevel=2)
                    return self._outcome(ok, value)
                case (_, "ask", int(number), str(what), int(target), *arguments):
                    self._send("told", number, *self._answer(what, target, arguments))
                case _:
                    raise ProtocolError("a message out of turn")

    def _outcome(self, ok: Any, value: Any) -> Any:
        if ok is True:
            return value
        if ok is None:
            if self.depth > 1:  # it waits for us
                self._stop("exited")
            raise Stopped("exited")
        match value:
            case (list(classes), str(text), place) if classes and all(
                type(c) is str for c in classes
            ):
                pass
            case _:
                raise ProtocolError("malformed error")
        # What it still holds would be missing in the next question, so that starts afresh.
        if "MemoryError" in classes:
            self._stop("memory")
        if "can't start new thread" in text or classes[0] == "BlockingIOError":
            self._stop("processes")
        raise_as_there(classes, text, place)

    # --- What the student's code asks of the judge

    def _answer(self, what: str, number: int, arguments: list) -> tuple[bool, Any]:
        """Call or read one of the judge's own, which the student's code was given."""
        if number not in self.exports:
            return False, ("RuntimeError", "this belongs to a question that is over")
        target = self.exports[number]
        try:
            return True, self._do(what, target, arguments)
        except Exception as error:
            return False, (type(error).__name__, str(error)[:2000])

    def _do(self, what: str, target: Any, arguments: list) -> Any:
        match what, arguments:
            case "call", [tuple(args), dict(kwargs)] if callable(target):
                return target(*args, **{str(name): value for name, value in kwargs.items()})
            case "get", [str(name)] if _is_shown(target, name):
                return getattr(target, name)
            case "set", [str(name), value] if _is_shown(target, name):
                setattr(target, name, value)
                return None
            case "vars", [] if _is_shown(target, "all"):
                return {k: v for k, v in vars(target).items() if not k.startswith("_")}
        raise AttributeError(str(arguments[0])[:100] if arguments else what)

    # --- Handles

    def _stranger(self, value: Any) -> list:
        if isinstance(value, Remote):
            return ["m", value._number]
        number = self.numbers.get(id(value))
        if number is None:
            number = self.ledger.next
            self.ledger.next += 2
            self.numbers[id(value)] = number
            self.exports[number] = value
        if callable(value):
            return ["f", number, getattr(value, "__name__", "function")]
        return ["j", number]

    def _known(self, form: list) -> Any:
        match form:
            case ["m", int(number)]:
                return self.exports[number]
            case ["h", int(number), str(kind), str(name), bool(calls)]:
                if number not in self.remotes:
                    made = RemoteFunction if calls else Remote
                    # A class of its own, so that messages name the student's.
                    kind = kind if NAME.fullmatch(kind) else "object"
                    remote = type(kind, (made,), {})(self, number, name)
                    self.remotes[number] = remote
                    return remote
                return self.remotes[number]
        raise ProtocolError("malformed handle")


def _is_shown(target: Any, name: str) -> bool:
    """Only objects of the bank's own classes have attributes for a student, and no hidden ones."""
    ours = type(target).__module__.startswith("autograder.exercises.")
    return ours and not name.startswith("_")


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_size(k) + _size(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return sum(map(_size, value))
    return len(value) if isinstance(value, str) else 16


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
            _show_line(file, line, code)
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
        self.there = set(answer._session.request("globals", answer))
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
