"""An end to what is computed of a student's text: Markdown, highlighting, the cleaning of HTML."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

AGAIN = 0.5
"""Seconds after which it is said once more, should a library have caught the first."""


class TooLong(BaseException):
    """The time is over. Not an `Exception`: no library may take it for an error of its own."""


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done here is broken off by `TooLong` after so many seconds of this process's own.

    A busy machine takes none of them. The interpreter's regular expressions look for signals, too.
    Only a main thread has an end; every worker grades in its own.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(
        signal, "setitimer"
    ):
        yield
        return
    over = False

    def end(number: int, frame: FrameType | None) -> None:
        if not over:
            raise TooLong(f"it took longer than {seconds:.3g} s")

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, max(seconds, 0.001), AGAIN)
    try:
        try:
            yield
        finally:
            over = True
    finally:  # also where the time ended just now, between the two
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
