"""A conversation with one submission's process: run its cells, and reach its answers.

What a student defined is reached through `Remote` objects, which behave like the real ones as far
as the exercise bank looks. Whatever goes wrong with the process is a `Stopped` with its reason.
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NoReturn
from weakref import WeakValueDictionary

import numpy as np

from autograder.sandbox.clock import Clock
from autograder.sandbox.lent import done, methods
from autograder.sandbox.pipe import Closed, ProtocolError
from autograder.sandbox.process import Ending, Process, SandboxError
from autograder.sandbox.remote import Remote, RemoteFunction, raise_as_there
from autograder.sandbox.schema import Ask, Error, Output, Reply, checked, is_output
from autograder.sandbox.subclasses import NAME
from autograder.sandbox.unpack import MOST_OBJECTS
from autograder.sandbox.wire import Ledger, Names
from helpers._text import printable

MOST_RELEASED, MOST_KEPT = 20, 30
"""Objects of the student's, and plain values, of which some may be of no use any more."""
DEEPEST_CALLS = 40
"""Calls within calls, to and fro."""
MOST_AHEAD, MESSAGE = 1 << 15, 200
"""Bytes of calls that are sent before the first of them is answered, about, and of what is around
each: a pipe takes several times as much, so that neither side waits for the other to read."""
MOST_ASKED = 500_000_000
"""Bytes of arrays in what the student's code asks of the judge before a request is over, as these
are kept until then."""
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


class Session(Clock):
    """One process, and what both sides share."""

    def __init__(self, process: Process):
        super().__init__(process)
        self.ledger = Ledger(0, self._stranger, self._known)
        self.exports: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        self.remotes: WeakValueDictionary[int, Remote] = WeakValueDictionary()
        self.released: list[int] = []
        self.swept = 0
        """How many plain values were left when they were last looked through."""
        self.depth = 0
        self.asked = 0
        """Bytes of arrays that have come with questions since the last request began."""
        self.fate: Gone | None = None
        self.in_haste = True
        """Whether calls that do not depend on each other travel together."""
        self.hurried = False
        """Whether any have, since the last `reset`."""
        self.ahead: list[str] = []
        """The tokens of calls that were made and not answered yet, in order."""
        self.early: dict[str, Reply] = {}
        """Replies that nobody has asked for yet."""

    @property
    def alive(self) -> bool:
        return self.fate is None

    # --- Endings

    def rest(self) -> None:
        """Nothing is waited for any more: no call that was made ahead, and no alarm."""
        if self.alive and self.ahead:
            self._catch_up()
        self._alarm(0)

    def close(self) -> Ending:
        self.ahead.clear()
        self.rest()
        self.fate = self.fate or Gone("exited")
        self._let_go()
        return self.process.end()

    def _let_go(self) -> None:
        """Of all that is shared: what right answers made of a student's numbers may be large."""
        self.ledger.forget()
        self.exports.clear()
        self.numbers.clear()
        self.remotes.clear()
        self.released.clear()
        self.early.clear()

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
        self._let_go()
        self.hurried = False
        self.swept = 0

    def call_each(self, function: Remote, many: Sequence[tuple]) -> Iterator[Callable[[], Any]]:
        """Calls with these arguments, none of which depends on what came of another.

        Yields the outcome of each, in order: a function that returns it, or raises. In haste the
        first call is over before the others are made; these travel together. Not while the
        student's code waits for an answer: it makes them when its own call is over.
        """
        alone = 1 if self.in_haste and not self.depth else len(many)
        for args in many[:alone]:
            yield partial(self._request, "call", function, args, Names())
        while alone < len(many):
            sent = self._send_ahead(function, many[alone:])
            alone += len(sent)
            yield from (partial(self._outcome_of, token) for token in sent)

    def _send_ahead(self, function: Remote, many: Sequence[tuple]) -> list[str]:
        """Make as many of the calls as surely fit into the pipe, or a large one; their tokens."""
        if self.fate is not None:
            raise self.fate
        sent: list[str] = []
        size = 0
        with self._ending():
            for args in many:
                size += MESSAGE + _size(args)
                if sent and size > MOST_AHEAD:
                    break
                token = secrets.token_hex(8)
                # It may use again what nobody here holds on to now: nothing is released.
                self._send("then", token, ((), ()), function, args, Names(), later=True)
                sent.append(token)
            self.process.pipe.flush()
        self.ahead += sent
        self.hurried = True
        return sent

    def _outcome_of(self, token: str) -> Any:
        """What came of a call that was made ahead."""
        if self.fate is not None:
            raise self.fate
        while token in self.ahead:
            self._next_ahead()
        return self._outcome(self.early.pop(token))

    def _next_ahead(self) -> None:
        token = self.ahead.pop(0)
        with self._within(), self._ending():
            self.early[token] = self._listen("call", token, None)

    def _catch_up(self) -> None:
        """What was called ahead is over before anything else is asked for."""
        while self.ahead:
            self._next_ahead()

    def _request(
        self, kind: str, *arguments: Any, show: Callable[[Any], None] | None = None
    ) -> Any:
        if self.fate is not None:
            raise self.fate
        if not self.depth:
            self._catch_up()
            self.asked = 0
        token = secrets.token_hex(8)
        with self._within():
            with self._ending():
                self._send(kind, token, self._useless(), *arguments)
                reply = self._listen(kind, token, show)
            return self._outcome(reply)

    @contextlib.contextmanager
    def _within(self) -> Iterator[None]:
        """One call deeper."""
        if self.depth >= DEEPEST_CALLS:
            self._stop("protocol", "too many calls within calls")
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    @contextlib.contextmanager
    def _ending(self) -> Iterator[None]:
        """However a conversation ends is why the process does."""
        try:
            yield
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

    def _send(self, *message: Any, later: bool = False) -> None:
        try:
            self.process.pipe.send(*self.ledger.pack(message), later=later)
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
                    self.asked += len(arrays)
                    if self.asked > MOST_ASKED:
                        self._stop("memory")
                    held = self.ledger.held()
                    answer = self._answer(ask)
                    news = (*ask.generators, *self.ledger.reassigned(held))
                    self._send("told", ask.number, *answer, news)

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
        refused = "can't start new thread" in error.text or error.classes[0] == "BlockingIOError"
        if refused and self.process.others.some:  # alone it has met no bound of these
            self._stop("processes")
        raise_as_there(error)

    # --- What the student's code asks of the judge

    def _answer(self, ask: Ask) -> tuple[bool, Any]:
        """Call or read one of the judge's own, which the student's code was given."""
        if ask.target not in self.exports:
            return False, ("RuntimeError", "this belongs to a question that is over")
        try:
            return True, done(ask, self.exports[ask.target])
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
        return ["j", number, list(methods(type(value)))]  # type: ignore[arg-type]

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


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_size(k) + _size(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return sum(map(_size, value))
    if isinstance(value, np.ndarray):
        return value.nbytes
    return len(value) if isinstance(value, str | bytes) else 16
