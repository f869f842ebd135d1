"""What a keeper sees to while a submission runs.

That it ends, that it takes no more memory than it may, and that all of it together weighs no more
than one process.

A limit of address space binds each process alone, and a submission may start many; and there is
memory that belongs to none of them. What can hold such memory without end is refused
(`seccomp`); the rest is counted here.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import socket
import time
from dataclasses import dataclass
from typing import Any

from .cage import PRIVATE
from .seen import (
    Seen,
    family,
    holder,
    mappings,
    oom_kills,
    own_memory,
    sockets,
    swapped,
    threads,
)

OUT_OF_MEMORY = 98
"""The exit status of a process that had too little memory to answer."""
TICK = 0.05
"""Seconds between two looks, at least."""
SHARE, LONGEST = 9, 0.5
"""A look that takes long is followed by a pause so many times as long, up to so many seconds; but
not where more than half of the memory is taken."""
SECOND_LOOK = 0.01
"""Seconds after which it must still be too much: a process that is about to run a program has all
of its parent's memory for a moment."""
UNSEEN = 8 << 20
"""Bytes that the kernel may keep for each further process and shows to nobody: page tables,
descriptors, stacks, waiting signals."""
MAPPING, KINSHIP = 256, 64
"""Bytes that it keeps for each mapping of a process, and for each process from which that came."""
RARELY = 0.5
"""Seconds between two counts of mappings, which take long."""
STEP = 1.25
"""By how much each step of niceness makes a process lighter."""
NICEST = 19


@dataclass
class Watch:
    """One submission, as its keeper sees it.

    student: its first process. most: bytes that all of it may take. buffer: bytes that a socket
    holds at most, where it has namespaces of its own; 0 where what is in them is not only its own.
    """

    student: int
    proc: int
    most: int
    buffer: int = 0
    peak: int = 0
    """Bytes that were seen, at most, of more than one process."""
    cause: str = ""
    """What ended it, where that was a limit: memory, time."""
    short_of_memory: bool = False
    """Whether the kernel has ended a process for want of memory while this one ran."""
    heaviest: int = 0
    """Bytes resident, shared ones counted for each, above which the memory is added up exactly."""
    mapped: int = 0
    """Bytes that the kernel keeps for mappings."""
    counted: float = 0.0
    """When they were."""
    nice: int = 0

    def until_its_end(self, handle: int, report: socket.socket) -> None:
        """Wait until the student's process, a pidfd of which is `handle`, has ended.

        End it, and so all that it has started, when nobody waits for its report any more, or when
        together they take more than they may.
        """
        ends = select.poll()
        ends.register(handle, select.POLLIN)
        ends.register(report, select.POLLIN)
        before, pause = oom_kills(self.proc), TICK
        while not (ended := dict(ends.poll(1000 * pause))):
            begun = time.process_time()
            many = self.look() > self.most // 2
            cost = time.process_time() - begun
            pause = TICK if many else min(LONGEST, max(TICK, SHARE * cost))
        if handle not in ended:
            os.kill(self.student, signal.SIGKILL)
        elif oom_kills(self.proc) > before:
            self.short_of_memory = True

    def ending(self, cpu: int) -> dict[str, Any]:
        """Its status, what it used and what limit ended it, as `process.Ending`.

        cpu: seconds of a processor that a process may have.
        """
        _, status, usage = os.wait4(self.student, 0)
        code, seconds = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
        if code in (-signal.SIGKILL, -signal.SIGXCPU) and not self.cause:
            near = seconds > cpu / 2  # the limit goes by ticks, which on a busy machine are coarse
            self.cause = "time" if near else "memory" if self.short_of_memory else ""
        if code == OUT_OF_MEMORY:
            self.cause = "memory"
        memory = max(self.peak, usage.ru_maxrss * 1024)
        return {"status": code, "seconds": seconds, "memory": memory, "cause": self.cause}

    def look(self) -> int:
        """See to it once; the bytes of memory that were found."""
        seen = family(self.student, self.proc)
        if len(seen) > 1 or any(each.threads > 1 for each in seen.values()):
            self.make_light(seen)
        found = self.memory(seen)
        if found > self.most:
            time.sleep(SECOND_LOOK)
            found = self.memory(family(self.student, self.proc))
            if found > self.most:
                self.cause = "memory"
                os.kill(self.student, signal.SIGKILL)
        return found

    # --- Memory

    def memory(self, seen: dict[int, Seen]) -> int:
        """Bytes of all these processes and of what the kernel keeps for them.

        Exact where it matters: what processes share is counted once, which takes long, only when
        with all of it counted for each they have grown by a tenth, or are too large.
        """
        held = (holder(number, each, self.proc) for number, each in seen.items())
        alive = dict(filter(None, held))
        kept = self._kept() if self.buffer else 0
        resident = sum(alive.values())
        if len(alive) <= 1:
            return resident + kept
        kept += UNSEEN * (len(alive) - 1) + self._mapped([*alive])
        if kept > self.most:
            return kept
        if resident + swapped(self.proc) + kept <= self.most and resident <= self.heaviest:
            return min(self.peak, resident) + kept
        self.heaviest = resident + resident // 10
        exact = sum(own_memory(path, self.proc) for path in alive)
        self.peak = max(self.peak, exact)
        return exact + kept

    def _mapped(self, paths: list[str]) -> int:
        now = time.monotonic()
        if now > self.counted + RARELY:
            each = MAPPING + KINSHIP * len(paths)
            self.mapped = sum(each * mappings(path, self.proc) for path in paths)
            self.counted = now
        return self.mapped

    def _kept(self) -> int:
        """Bytes in its own file systems, and in its sockets if all of them were full."""
        files = 0
        for place in PRIVATE:
            system = os.statvfs(place)
            files += (system.f_blocks - system.f_bfree) * system.f_frsize
        return files + sockets(self.proc) * self.buffer

    # --- Processors

    def make_light(self, seen: dict[int, Seen]) -> None:
        """As many as want a processor at once weigh together no more than one that is alone."""
        tasks: dict[int, Seen] = {}
        for number, process in seen.items():
            tasks |= {number: process} if process.threads == 1 else threads(number, self.proc)
        running = sum(task.runs for task in tasks.values())
        if running > 1:
            self.nice = max(self.nice, min(NICEST, math.ceil(math.log(running, STEP))))
        for number, task in tasks.items():
            if task.nice < self.nice:
                # It may have ended, or its parent was made light before it.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.setpriority(os.PRIO_PROCESS, number, self.nice)
