"""The time that a submission has, and the end of what the judge computes for it."""

from __future__ import annotations

import math
import signal
import threading
import time
from typing import Any, NoReturn

from autograder.sandbox.process import Process
from autograder.sandbox.seen import Others, Turns

BUSIEST, STARVED = 3, 50
"""Times the allowed seconds, at most, that waiting for a processor may draw them out: of a
submission with more than one thread, and of one that is alone. The latter has then had less than
forty-eight processes, which is all that a neighbour may have, would leave it anywhere."""
LATE = 1.0
"""Seconds after the deadline at which the judge's own computing is broken off."""


class Clock:
    """Of one process. Whoever has one says how it ends (`_stop`)."""

    def __init__(self, process: Process):
        self.process = process
        self.begun = self.deadline = time.monotonic()
        self.turns, self.crowd = Turns(), Others(0.0, False)
        """What there was when the seconds began that are allowed."""
        self.most = self.crowd
        """Of its other threads and processes the most since then: they end as they like."""
        self.patience = self.spared = 0.0
        self.limit = ""
        self.last = math.inf

    def _stop(self, reason: str, detail: str = "") -> NoReturn:
        raise NotImplementedError

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

    def _alarm(self, seconds: float) -> None:
        """What the judge itself computes with an answer's values has an end, too.

        Only a main thread can have an alarm; every worker grades in its own.
        """
        if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, seconds)
            # A handler holds on to its session, and to all that its questions have made.
            signal.signal(signal.SIGALRM, self._alarmed if seconds else signal.SIG_DFL)

    def _alarmed(self, *_: Any) -> None:
        if (left := self.left()) > 0:
            self._alarm(left + LATE)
        else:
            self._stop("time")
