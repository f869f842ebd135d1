"""The student's side of the protocol: runs inside, in the same process as the student's code.

It answers the judge's requests: run a cell, call a function, read an attribute. It decides nothing.
Student code could change all of this file's behaviour, and would gain as much as from returning
another value.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import io
import operator
import os
import signal
import sys
import threading
import types
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from helpers._standing_in import stand_in
from helpers.checks import line_of, warn_if_silenced

from .generators import generator_state
from .pipe import Closed, Pipe
from .subclasses import IN_PLACE, as_base, base_of
from .theirs import OF_THE_JUDGE, Theirs, function_of
from .wire import Ledger, plain_dtype

MOST_WARNINGS = 20
PYTHONS_OWN = [
    (name, value)
    for name, value in vars(builtins).items()
    if type(value) in (type, types.BuiltinFunctionType) and name not in ("print", "input")
]
"""What a cell or an answer may replace for its own time only: all others need it."""
OPERATORS = {
    name: getattr(operator, name)
    for name in ("add", "sub", "mul", "truediv", "matmul", "pow", "neg")
}


class Desk:
    """Where requests come in and callbacks go out.

    names: the notebook's namespace. run: executes a cell's source and hands each of its outputs,
    a plain dict, to the function that it is given; it returns whether the cell ran to its end.
    """

    def __init__(self, pipe: Pipe, names: dict, run: Callable[[str, Callable], bool]):
        self.pipe = pipe
        self.names = names
        self.run = run
        self.owner = os.getpid()
        self.ledger = Shared(self)
        self.things: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        self.theirs: dict[int, Any] = {}
        self.kept: list[Callable[[], None]] = []
        self.asked = 0
        self.read: list[Theirs] = []
        """Those of the judge's objects whose attributes are known, until it may change them."""
        self.waiting: deque[tuple] = deque()
        """Calls that came ahead, and are made when those before them are over."""
        self.sending = threading.RLock()
        self.asking = threading.RLock()

    # --- Messages

    def send(self, *message: Any, later: bool = False) -> None:
        """A message, with what has changed of all that is shared in front."""
        if os.getpid() != self.owner:  # a fork of the student's, which has the pipe as well
            os._exit(0)
        with self.sending:
            changed = self.ledger.changed()
            self.pipe.send(*self.ledger.pack((tuple(changed), *message)), later=later)
            self.ledger.note()

    def receive(self) -> tuple:
        try:
            if self.pipe.held and not self.pipe.has_message():
                with self.sending:
                    self.pipe.flush()
            message = self.ledger.unpack(*self.pipe.receive(), whole=True)
        except Closed:
            os._exit(0)
        self.ledger.note()
        return message

    def serve(self) -> None:
        while True:
            self.answer(*(self.waiting.popleft() if self.waiting else self.receive()))

    def answer(self, kind: str, token: str, useless: tuple, *arguments: Any) -> None:
        """One request. useless: what the judge has no more use for."""
        self.forget_what_was_read()
        self.release(*useless)
        if kind == "run":
            ran = self.run(arguments[0], lambda output: self.send("output", token, output))
            stop_timers()
            put_back()
            self.send("done", token, True, ran, ())
            return
        try:
            with quiet() as caught:
                value, ok = getattr(self, "do_" + kind)(*arguments), True
        except (SystemExit, KeyboardInterrupt, GeneratorExit) as stop:
            value, ok = ("exited", type(stop).__name__), None
        except BaseException as error:
            value, ok = described(error), False
        put_back()
        said = tuple(str(w.message)[:500] for w in caught[:MOST_WARNINGS])
        try:
            # The replies to calls that travelled together do, too.
            self.send("done", token, ok, value, said, later=kind == "then")
        except Exception as error:  # what was returned cannot be sent
            self.send("done", token, False, described(error), said)

    def ask(self, what: str, number: int, *arguments: Any) -> Any:
        """Ask the judge to call or read what is its own; answer what it asks in the meantime."""
        with self.asking:
            self.asked += 1
            mine = self.asked
            self.send("ask", mine, what, number, *arguments)
            if what in ("call", "method"):  # not before what was changed in place has been sent
                self.forget_what_was_read()
            while True:
                kind, token, *rest = self.receive()
                if kind == "told" and token == mine:
                    # What was drawn from there, or assigned, is by now as it is there.
                    ok, value, _ = rest
                    if not ok:
                        raise revived(*value)
                    return value
                if kind == "then":
                    self.waiting.append((kind, token, *rest))
                else:
                    self.answer(kind, token, *rest)

    def forget_what_was_read(self) -> None:
        """The judge's objects may have other attributes from now on; and nothing holds the old."""
        for each in self.read:
            object.__setattr__(each, "_read", None)
        self.read.clear()

    # --- What the judge may ask for

    def do_reset(self) -> None:
        self.ledger.forget()
        self.things.clear()
        self.numbers.clear()
        self.theirs.clear()
        while self.kept:
            self.kept.pop()()

    def release(self, things: tuple[int, ...], values: tuple[int, ...]) -> None:
        """Forget these: objects of the student's, and plain values."""
        for number in things:
            self.numbers.pop(id(self.things.pop(number, None)), None)
        for number in values:
            self.ledger.drop(number)

    def do_defined(self, name: str) -> bool:
        return name in self.names

    def do_name(self, name: str) -> Any:
        return self.names[name]

    def do_file(self, name: str, content: bytes, start: int) -> None:
        """Put a piece of a file into the working folder. start: bytes of it that are there."""
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "ab" if start else "wb") as file:
            file.write(content)

    def do_call(self, target: Any, args: tuple, kwargs: dict) -> Any:
        value = target(*args, **kwargs)
        if isinstance(target, type) and type(value) is target:
            self.ledger.made.add(target)
        return value

    do_then = do_call

    def do_get(self, target: Any, name: str) -> Any:
        return getattr(target, name)

    def do_set(self, target: Any, name: str, value: Any) -> None:
        setattr(target, name, value)

    def do_operator(self, name: str, *operands: Any) -> Any:
        return OPERATORS[name](*operands)

    def do_repr(self, target: Any) -> str:
        return repr(target)[:200]

    def do_replace(self, answer: Any, values: dict) -> None:
        """Put these among the names that the answer sees, until `do_restore`."""
        self.kept.append(stand_in(answer, values, self.names))

    def do_restore(self, answer: Any) -> None:
        self.kept.pop()()

    # --- Handles

    def stranger(self, value: Any) -> list:
        """What is no plain data goes as a number, and the name of its class."""
        theirs = getattr(value, "_of_the_judge", None) if type(value) in OF_THE_JUDGE else None
        if theirs is not None:
            return ["m", theirs]
        number = self.number(value)
        kind = type(value)
        name = value.__name__ if kind in (type, types.FunctionType) else ""
        return ["h", number, _short(kind.__name__), _short(name), callable(value)]

    def number(self, value: Any) -> int:
        """By which the judge speaks of it from now on; it is held, and stays what it is."""
        number = self.numbers.get(id(value))
        if number is None:
            number = self.ledger.next
            self.ledger.next += 2
            self.numbers[id(value)] = number
            self.things[number] = value
        return number

    def known(self, form: list) -> Any:
        tag, number = form[0], form[1]
        if tag == "m":
            return self.things[number]
        if number not in self.theirs:
            made = function_of(self, number, form[2]) if tag == "f" else Theirs(self, *form[1:])
            self.theirs[number] = made
        return self.theirs[number]


def _short(name: Any) -> str:
    return str(name)[:100]


# --- Shared objects -----------------------------------------------------------------------------


class Shared(Ledger):
    """The ledger of this side, which also notices what the student's code has changed in place."""

    def __init__(self, desk: Desk):
        super().__init__(1, desk.stranger, desk.known)
        self.desk = desk
        self.noted: dict[int, Any] = {}
        self.subclassed: dict[int, tuple[Any, Any]] = {}
        """Values of subclasses of lists, dicts, sets and arrays, and how they looked when sent."""

    def forget(self) -> None:
        super().forget()
        self.noted.clear()
        self.subclassed.clear()

    def own(self, value: Any, base: type) -> int:
        number = self.desk.number(value)
        if base in IN_PLACE:
            self.subclassed[number] = value, fingerprint(as_base(value, base))
        return number

    def drop(self, number: int) -> None:
        if number in self.objects:
            super().drop(number)
        self.noted.pop(number, None)

    def kind_of(self, name: str) -> type:
        if name not in self.kinds:
            module, _, kind = name.partition(":")
            self.kinds[name] = getattr(importlib.import_module(module), kind)
        return self.kinds[name]

    def changed(self) -> list:
        """What has another content than when it last passed the pipe.

        What nobody else holds on to, nor to its memory, cannot change any more, and is forgotten;
        but not an array of which the judge has only the shape: where that comes back, it is this.
        """
        found = []
        for number, noted in list(self.noted.items()):
            if number not in self.objects:  # a thread of the student's runs in between
                continue
            if noted != fingerprint(self.objects[number]):
                found.append(self.objects[number])
            elif self.alone(number) and not _unseen(self.objects[number]):
                self.drop(number)
        for value, noted in list(self.subclassed.values()):
            if noted != fingerprint(as_base(value, base_of(value))):
                found.append(value)
        return found

    def note(self) -> None:
        """How what was in the last message looks now; nothing else can have changed since."""
        for number in self.touched:
            if number in self.objects:
                self.noted[number] = fingerprint(self.objects[number])
        self.touched.clear()


def _unseen(value: Any) -> bool:
    return type(value) is np.ndarray and not plain_dtype(value.dtype)


def fingerprint(value: Any) -> Any:
    """Something that differs when the content does; it calls nothing of the student's."""
    kind = type(value)
    if kind is np.ndarray:
        dtype = value.dtype
        return value.shape, dtype, id(value) if dtype.hasobject else value.tobytes()
    if kind is list:
        return [_mark(v) for v in value]
    if kind is dict:
        return [(_mark(k), _mark(v)) for k, v in value.items()]
    if kind is set:
        return {_mark(v) for v in value}
    if kind is np.random.Generator:
        return generator_state(value)
    return id(value.__dict__)  # which is looked at itself


MARKED = {int, bool, str, bytes, type(None)}


def _mark(value: Any) -> Any:
    kind = type(value)
    if kind is float:
        return kind, value if value and value == value else value.hex()  # -0.0, and nan
    return (kind, value) if kind in MARKED else id(value)


def stop_timers() -> None:
    """An alarm that a cell has left running would ring in the midst of a message."""
    for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
        signal.setitimer(timer, 0)


def put_back() -> None:
    """Python's own functions and types are what they were, whatever was done to them."""
    there = vars(builtins)
    for name, value in PYTHONS_OWN:
        if there.get(name) is not value:
            there[name] = value


# --- Calling ------------------------------------------------------------------------------------


@contextlib.contextmanager
def quiet() -> Iterator[list]:
    """As `helpers.checks.call` calls a function: warnings are kept, nothing is shown."""
    shown = sys.stdout, sys.stderr
    with (
        warnings.catch_warnings(record=True) as caught,
        np.errstate(divide="warn", over="warn", invalid="warn", under="ignore"),
    ):
        warnings.simplefilter("always")
        sys.stdout = sys.stderr = io.StringIO()
        try:
            yield caught
            warn_if_silenced()
        finally:
            sys.stdout, sys.stderr = shown


def described(error: BaseException) -> tuple:
    """An exception as plain data: its class, its text, and the innermost line of a cell."""
    try:
        text = str(error)[:2000]
    except BaseException:  # a __str__ of the student's
        text = ""
    classes = [c.__name__[:100] for c in type(error).__mro__]
    line = line_of(error)
    return classes, text, (line.function[:100], line.number, *(part[:1000] for part in line[2:]))


def revived(name: str, text: str) -> Exception:
    """An exception of the judge's functions, such as a ValueError for a wrong shape."""
    kind = getattr(builtins, name, Exception)
    return kind(text) if isinstance(kind, type) and issubclass(kind, Exception) else Exception(text)
