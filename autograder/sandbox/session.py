"""A conversation with one submission's process: run its cells, and reach its answers.

What a student defined is reached through `Remote` objects, which behave like the real ones as far
as the exercise bank looks. Whatever goes wrong with the process is a `Stopped` with its reason.
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any, NoReturn
from weakref import WeakValueDictionary

from autograder.sandbox.container import Ending, Process, SandboxError
from autograder.sandbox.pipe import Closed, ProtocolError
from autograder.sandbox.remote import Remote, RemoteFunction, raise_as_there
from autograder.sandbox.wire import NAME, Ledger

CALLS = ("call", "get", "set", "operator", "repr", "global")
"""Requests that run the student's code, and so may end in an exception of the student's."""
DEEPEST_CALLS = 40
"""Calls within calls, to and fro."""
BUSIEST, STARVED = 3, 50
"""Times the allowed seconds, at most, that waiting for a processor may draw them out: of a
submission with more than one thread, and of one that is alone. The latter has then had less than
forty-eight processes, which is all that a neighbour may have, would leave it anywhere."""
LATE = 1.0
"""Seconds after the deadline at which the judge's own computing is broken off."""
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
        self.begun = self.deadline = time.monotonic()
        self.queued = self.crowd = 0.0
        self.patience = 0.0
        self.depth = 0
        self.fate: Gone | None = None

    @property
    def alive(self) -> bool:
        return self.fate is None

    # --- Limits and endings

    def allow(self, seconds: float) -> None:
        """What follows may take so long, all together.

        What counts is time in which its main thread runs, or waits for something of its own: the
        clock's seconds, less those in which that thread (or the judge's, which works for it) was
        ready and had no processor. So whoever else keeps the processors busy costs nobody
        anything. Only a submission that keeps them busy itself, with other threads or processes,
        waits at its own cost: what those have had of a processor is not taken off, and as long as
        it has any, its time is drawn out no further than `BUSIEST` times.
        """
        self.patience = seconds
        self.begun = time.monotonic()
        self.deadline = self.begun + seconds
        self.queued, self.crowd = self.process.queued, self.process.others.seconds
        self.process.pipe.connection.settimeout(seconds + LATE)
        self._alarm(seconds + LATE)

    def left(self) -> float:
        """Seconds until the deadline."""
        now = time.monotonic()
        if self.deadline <= now:
            self.deadline = self.begun + self.patience + self._waited()
        return self.deadline - now

    def _waited(self) -> float:
        """Seconds that do not count, of those since `allow`."""
        others = self.process.others
        waited = self.process.queued - self.queued - (others.seconds - self.crowd)
        times = BUSIEST if others.some else STARVED
        return min(max(0.0, waited), (times - 1) * self.patience)

    def rest(self) -> None:
        """Nothing is waited for: no alarm."""
        self._alarm(0)

    def _alarm(self, seconds: float) -> None:
        """What the judge itself computes with an answer's values has an end, too.

        Only a main thread can have an alarm; every worker grades in its own.
        """
        if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._alarmed)
            signal.setitimer(signal.ITIMER_REAL, seconds)

    def _alarmed(self, *_: Any) -> None:
        if (left := self.left()) > 0:
            self._alarm(left + LATE)
        else:
            self._stop("time")

    def close(self) -> Ending:
        self.rest()
        self.fate = self.fate or Gone("exited")
        return self.process.end()

    def _stop(self, reason: str, detail: str = "") -> NoReturn:
        self.fate = Gone(reason, detail, f"{self.patience:g} s")
        self.close()
        raise self.fate

    def _died(self) -> NoReturn:
        """Its end of the pipe is closed: what became of it?"""
        ending = self._wait()
        if ending.fault:
            raise SandboxError(ending.fault)
        if ending.cause:
            self._stop(ending.cause)
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
            return self._listen(kind, token, show)
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

    def _listen(self, kind: str, token: str, show: Callable[[Any], None] | None) -> Any:
        """Until the reply to this request comes, answer what the student's code asks."""
        while True:
            message = self.ledger.unpack(*self.process.pipe.receive(self.left))
            match message:
                case (_, "output", str(mine), dict(output)) if mine == token and show:
                    show(output)
                case (_, "output", str(), dict()):
                    pass  # of something that runs on in the background
                case (_, "done", str(mine), ok, value, tuple(said)) if mine == token:
                    for text in said[:20]:
                        warnings.warn(str(text)[:500], stacklevel=2)
                    if ok is False and kind not in CALLS:
                        raise ProtocolError(f"an error in reply to {kind!r}")
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
                classes, text = [c[:100] for c in classes[:20]], text[:2000]
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
