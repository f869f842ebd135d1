"""An end to what is computed of a student's text: Markdown, highlighting, the cleaning of HTML."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

AGAIN = 0.5
"""Seconds after which it is said once more, should a library have caught the first."""


class TooLong(Exception):
    """The time was over."""


class _Over(BaseException):
    """The time is over. Not an `Exception`: no library may take it for an error of its own."""

    def __init__(self, whose: object):
        super().__init__()
        self.whose = whose


_whose: object = None
"""Whose time it is that runs now: each `within` has its own."""


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done here is broken off by `TooLong` after so many seconds of this process's own.

    A busy machine takes none of them. The interpreter's regular expressions look for signals, too.
    One within another may end sooner, and then both do. Only a main thread has an end; every worker
    grades in its own.
    """
    global _whose
    if threading.current_thread() is not threading.main_thread() or not hasattr(
        signal, "setitimer"
    ):
        yield
        return
    mine, outer, over = object(), _whose, False
    left, _ = signal.getitimer(signal.ITIMER_VIRTUAL)
    begun = time.process_time()
    _whose = outer if 0 < left < seconds else mine

    def end(number: int, frame: FrameType | None) -> None:
        if not over:
            raise _Over(_whose)

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, max(min(seconds, left or seconds), 0.001), AGAIN)
    try:
        try:
            yield
        finally:
            over = True
    except _Over as late:
        if late.whose is not mine:
            raise
        raise TooLong(f"it took longer than {seconds:.3g} s") from None
    finally:  # also where the time ended just now, before `over` was set
        _whose = outer
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        if left:
            left = max(left - (time.process_time() - begun), 0.001)
            signal.setitimer(signal.ITIMER_VIRTUAL, left, AGAIN)
