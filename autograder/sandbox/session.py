"""A conversation with one submission's process: run its cells, and reach its answers.

What a student defined is reached through `Remote` objects, which behave like the real ones as far
as the exercise bank looks. Whatever goes wrong with the process is a `Stopped` with its reason.
"""

from __future__ import annotations

import contextlib
import inspect
import math
import secrets
import signal
import threading
import time
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NoReturn
from weakref import WeakValueDictionary

import numpy as np

from autograder.sandbox.pipe import Closed, ProtocolError
from autograder.sandbox.process import Ending, Process, SandboxError
from autograder.sandbox.remote import Remote, RemoteFunction, raise_as_there
from autograder.sandbox.schema import Ask, Error, Output, Reply, checked, is_output
from autograder.sandbox.seen import Others, Turns
from autograder.sandbox.unpack import MOST_OBJECTS, NAME
from autograder.sandbox.wire import Ledger, Names
from helpers._text import printable

SHOWN = "shown_to_students"
"""The mark of the bank's classes whose objects' attributes a student's code may read and write."""
MOST_RELEASED, MOST_KEPT = 20, 30
"""Objects of the student's, and plain values, of which some may be of no use any more."""
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
    "replays": "its process ended {detail} times; what came after was not run",
    "extras": "no answer needs it, and such cells may take {limit} all together",
    "protocol": "its process sent what no answer is ({detail})",
}


class Stopped(BaseException):
    """The student's process was stopped, or stopped itself.

    Not an `Exception`: no property may take it for an error of the answer.
    """

    def __init__(self, reason: str, detail: str = "", limit: str = "its time"):
        self.reason = reason
        self.why = REASONS[reason].format(detail=detail, limit=limit)
        super().__init__(f"{reason}: {self.why}")


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
        self.swept = 0
        """How many plain values were left when they were last looked through."""
        self.begun = self.deadline = time.monotonic()
        self.turns, self.crowd = Turns(), Others(0.0, False)
        """What there was when the seconds began that are allowed."""
        self.most = self.crowd
        """Of its other threads and processes the most since then: they end as they like."""
        self.patience = self.spared = 0.0
        self.limit = ""
        self.last = math.inf
        self.depth = 0
        self.fate: Gone | None = None

    @property
    def alive(self) -> bool:
        return self.fate is None

    # --- Limits and endings

    def allow(self, seconds: float, limit: str = "", last: float = math.inf) -> None:
        """What follows may take so long, all together.

        What counts is time in which its main thread runs, or waits for something of its own: the
        clock's seconds, less those in which that thread (or the judge's, which works for it) was
        ready and had no processor. So whoever else keeps the processors busy costs nobody
        anything, however long. Only a submission that keeps them busy itself, with other threads
        or processes, waits at its own cost: what those have had of a processor is not taken off,
        and as long as it has any, waiting draws its time out to `BUSIEST` times at most; and for
        nobody beyond `STARVED` times.
        limit: what to call these seconds. last: when it is over in any case, on the clock.
        """
        self.spared = self.waited
        self.limit = limit or f"{seconds:g} s"
        self.patience, self.last = seconds, last
        self.begun = time.monotonic()
        self.deadline = min(self.begun + seconds, last)
        self.turns, self.crowd = self.process.turns, self.process.others
        self.most = self.crowd
        self.process.pipe.connection.settimeout(seconds + LATE)
        self._alarm(seconds + LATE)

    def left(self) -> float:
        """Seconds until the deadline."""
        now = time.monotonic()
        if self.deadline <= now:
            self.deadline = min(self.begun + self.patience + self._waited(), self.last)
        return self.deadline - now

    @property
    def waited(self) -> float:
        """Seconds that do not count, of all so far."""
        return self.spared + self._waited()

    def _waited(self) -> float:
        """Seconds that do not count, of those since `allow`."""
        now = self.process.others
        self.most = Others(max(self.most.seconds, now.seconds), self.most.some or now.some)
        used = self.most.seconds - self.crowd.seconds
        waited = self.process.turns.waited_since(self.turns) - used
        times = BUSIEST if self.most.some else STARVED
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
        self.fate = Gone(reason, detail, self.limit)
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
        self.process.scatter()
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
        return self._request(kind, *arguments)

    def reset(self) -> None:
        """Forget all that is shared: nothing of one question is left for the next."""
        self.process.gather()
        self._request("reset")
        self.ledger.forget()
        self.exports.clear()
        self.numbers.clear()
        self.remotes.clear()
        self.released.clear()
        self.swept = 0

    def _request(
        self, kind: str, *arguments: Any, show: Callable[[Any], None] | None = None
    ) -> Any:
        if self.fate is not None:
            raise self.fate
        if self.depth >= DEEPEST_CALLS:
            self._stop("protocol", "too many calls within calls")
        self.depth += 1
        try:
            return self._outcome(self._reply(kind, arguments, show))
        finally:
            self.depth -= 1

    def _reply(self, kind: str, arguments: tuple, show: Callable[[Any], None] | None) -> Reply:
        try:
            token = secrets.token_hex(8)
            self._send(kind, token, self._useless(), *arguments)
            return self._listen(kind, token, show)
        except Closed:
            self._died()
        except TimeoutError:
            self._stop("time")
        except ProtocolError as error:
            self._stop("protocol", str(error))

    def _useless(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What nobody here holds on to any more: objects of the student's, and plain values.

        The process may forget it; it looks after all that is shared, with every message.
        """
        released: list[int] = []
        values: list[int] = []
        if len(self.released) > MOST_RELEASED:
            # One that was sent again in the meantime is in use again.
            released = [number for number in self.released if number not in self.remotes]
            self.released.clear()
        if len(self.ledger.objects) - self.swept > MOST_KEPT:
            values = self.ledger.unheld()
            self.swept = len(self.ledger.objects)
        return tuple(released), tuple(values)

    def _send(self, *message: Any) -> None:
        try:
            self.process.pipe.send(*self.ledger.pack(message))
        except TimeoutError:
            self._stop("time")

    def _listen(self, kind: str, token: str, show: Callable[[Any], None] | None) -> Reply:
        """Until the reply to this request comes, answer what the student's code asks."""
        while True:
            if self.left() <= 0:  # however fast its messages come
                raise TimeoutError
            form, arrays = self.process.pipe.receive(self.left)
            whole = is_output(form)
            match checked(self.ledger.unpack(form, arrays, whole), kind, token):
                case Output() as output:
                    if output.token == token and show:
                        show(output.content)
                    # else it is of something that runs on in the background
                case Reply() as reply:
                    return reply
                case Ask() as ask:
                    self._send("told", ask.number, *self._answer(ask), ask.generators)

    def _outcome(self, reply: Reply) -> Any:
        for text in reply.warnings:
            warnings.warn(text, stacklevel=2)
        if reply.ended:
            if self.depth > 1:  # it waits for us
                self._stop("exited")
            raise Stopped("exited")
        if reply.error is not None:
            self._fail(reply.error)
        return reply.value

    def _fail(self, error: Error) -> NoReturn:
        # What it still holds would be missing in the next question, so that starts afresh.
        if "MemoryError" in error.classes:
            self._stop("memory")
        if "can't start new thread" in error.text or error.classes[0] == "BlockingIOError":
            self._stop("processes")
        raise_as_there(error)

    # --- What the student's code asks of the judge

    def _answer(self, ask: Ask) -> tuple[bool, Any]:
        """Call or read one of the judge's own, which the student's code was given."""
        if ask.target not in self.exports:
            return False, ("RuntimeError", "this belongs to a question that is over")
        try:
            return True, _done(ask, self.exports[ask.target])
        except Exception as error:
            return False, (type(error).__name__, printable(str(error)))

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
        return ["j", number, list(_methods(type(value)))]  # type: ignore[arg-type]

    def _known(self, form: list) -> Any:
        types = [type(part) for part in form]
        if form[0] == "m" and types == [str, int]:
            return self.exports[form[1]]
        if form[0] != "h" or types != [str, int, str, str, bool] or not 0 <= form[1] < 1 << 53:
            raise ProtocolError("malformed handle")
        _, number, kind, name, calls = form
        if number not in self.remotes:
            if len(self.remotes) >= MOST_OBJECTS:
                raise ProtocolError(f"more than {MOST_OBJECTS:,} objects")
            made = RemoteFunction if calls else Remote
            # A class of its own, so that messages name the student's.
            kind = kind if NAME.fullmatch(kind) else "object"
            remote = type(kind, (made,), {})(self, number, printable(" ".join(name.split()), 100))
            self.remotes[number] = remote
            return remote
        return self.remotes[number]


def _done(ask: Ask, target: Any) -> Any:
    """What was asked for. Raises `AttributeError` where a student may not have it."""
    if ask.what == "call" and callable(target):
        if inspect.isfunction(target) or inspect.ismethod(target) or _is_shown(target):
            return target(*ask.args, **(ask.kwargs or {}))
        if len(ask.args) == 1 and not ask.kwargs:  # NumPy's own have options
            return target(*ask.args)
    if _is_shown(type(target)) and not ask.name.startswith("_"):
        match ask.what:
            case "method" if ask.name in _methods(type(target)):  # type: ignore[arg-type]
                return getattr(target, ask.name)(*ask.args, **(ask.kwargs or {}))
            case "get":
                return getattr(target, ask.name)
            case "set":
                return setattr(target, ask.name, ask.value)
            case "vars":
                public = {k: v for k, v in vars(target).items() if not k.startswith("_")}
                return Names(public)
    raise AttributeError(ask.name or ask.what)


@lru_cache
def _methods(kind: type) -> tuple[str, ...]:
    """What a student may call of its objects, by name: so a call is one message, not two."""
    public = [name for name in dir(kind) if not name.startswith("_")] if _is_shown(kind) else []
    return tuple(name for name in public if inspect.isfunction(getattr(kind, name)))


def _is_shown(kind: Any) -> bool:
    return inspect.isclass(kind) and getattr(kind, SHOWN, None) is True


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_size(k) + _size(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return sum(map(_size, value))
    if isinstance(value, np.ndarray):
        return value.nbytes
    return len(value) if isinstance(value, str | bytes) else 16
