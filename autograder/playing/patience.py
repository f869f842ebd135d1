"""An end to what is computed of what a student handed in, from its reading to its page."""

from __future__ import annotations

import contextlib
import inspect
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

AGAIN = 0.5
"""Seconds after which it is said once more, should a library have caught the first."""


class TooLong(Exception):
    """The time was over."""


class _Over(BaseException):
    """The time is over. Not an `Exception`: no library may take it for an error of its own."""


@dataclass(eq=False)
class Spent:
    """What was done within a time; seconds: that it took of this process's own, once it is done.

    over: whether the time has ended.
    """

    seconds: float = 0.0
    over: bool = False


_whose: Spent | None = None
"""Whose time it is that ends next."""
_listening = False


def _end(number: int, frame: FrameType | None) -> None:
    """Not on the way in or out of a time: what stops the clock would not be reached."""
    if _whose is not None:
        _whose.over = True
        if frame is None or frame.f_code not in _DOORS:
            raise _Over


@contextlib.contextmanager
def within(seconds: float) -> Iterator[Spent]:
    """What is done here is broken off by `TooLong` after so many seconds of this process's own.

    A busy machine takes none of them. The interpreter's regular expressions look for signals, too.
    One within another may end sooner, and then both do. Only a main thread has an end; every worker
    grades in its own.
    """
    global _whose, _listening
    mine, outer = Spent(), _whose
    if threading.current_thread() is not threading.main_thread() or not hasattr(
        signal, "setitimer"
    ):
        yield mine
        return
    if not _listening:
        signal.signal(signal.SIGVTALRM, _end)
        _listening = True
    left = signal.getitimer(signal.ITIMER_VIRTUAL)[0] if outer else 0.0
    most = max(min(seconds, left) if outer else seconds, 0.001)
    _whose = outer if outer and left < seconds else mine
    late = False
    signal.setitimer(signal.ITIMER_VIRTUAL, most, AGAIN)
    try:
        try:
            yield mine
        finally:
            _whose = None
    except (_Over, SystemError):  # which Python's own parser makes of an end in its middle
        late = mine.over or bool(outer and outer.over)
        if not mine.over:
            raise
        raise TooLong(f"it took longer than {seconds:.3g} s") from None
    finally:  # also where the time ended just now, before the other `finally`
        _whose = None
        unused, _ = signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        mine.seconds = most if late else most - min(unused, most)
        if outer:
            _whose = outer
            signal.setitimer(signal.ITIMER_VIRTUAL, max(left - mine.seconds, 0.001), AGAIN)


_DOORS = frozenset(
    f.__code__
    for f in (
        inspect.unwrap(within),
        contextlib._GeneratorContextManager.__enter__,
        contextlib._GeneratorContextManager.__exit__,
    )
)
"""The code that runs where a time begins and ends."""
