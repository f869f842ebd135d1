"""A bound on time for what a student wrote; in any thread, on any system."""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Callable
from typing import TypeVar

ENDLESS = "is there a loop that never ends?"
Answer = TypeVar("Answer")


class OutOfTime(Exception):
    """It did not end in time; the message is for the student."""


class TooLong(BaseException):
    """Raised inside a function that has run for too long; no `except Exception` stops it."""


def within(seconds: float, f: Callable[[], Answer]) -> Answer:
    """f(), or `OutOfTime` where it has not ended in time.

    It interrupts between Python's own steps: one long call inside numpy is waited for.
    """
    watch = _Watch(seconds)
    try:
        try:
            watch.begin()
            return f()
        finally:
            watch.end()
    except TooLong:
        while True:  # a second interruption may arrive while the first is dealt with
            try:
                watch.end()
                break
            except TooLong:
                continue
        raise OutOfTime(f"it did not finish in {seconds:g} s: {ENDLESS}") from None


class _Watch:
    """Raises `TooLong` in the thread that made it, when its time is over and until it is ended."""

    def __init__(self, seconds: float):
        self.seconds, self.ended, self.fired = float(seconds), threading.Event(), False
        self.watched = ctypes.c_ulong(threading.get_ident())
        self.watcher = threading.Thread(target=self.wait, daemon=True)

    def begin(self) -> None:
        self.watcher.start()

    def wait(self) -> None:
        seconds = self.seconds
        while not self.ended.wait(seconds):  # once more, where the first was caught
            self.fired, seconds = True, 0.2
            ctypes.pythonapi.PyThreadState_SetAsyncExc(self.watched, ctypes.py_object(TooLong))

    def end(self) -> None:
        self.ended.set()
        if self.watcher.ident is not None:
            self.watcher.join()
        if self.fired:
            with contextlib.suppress(TooLong):  # one may still be on its way: it arrives here
                for _ in range(1000):
                    pass
