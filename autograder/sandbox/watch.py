"""What is seen of a running submission: its processes, their memory and their processors' time.

Its keeper sees to it that it ends, that it takes no more memory than it may, and that all of it
together weighs no more than one process.

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
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from .cage import PRIVATE

TICK = 0.05
"""Seconds between two looks, at least."""
SHARE = 9
"""A look that takes long is followed by a pause so many times as long."""
SECOND_LOOK = 0.01
"""Seconds after which it must still be too much: a process that is about to run a program has all
of its parent's memory for a moment."""
PAGE = os.sysconf("SC_PAGE_SIZE")
CLOCK = os.sysconf("SC_CLK_TCK")
UNSEEN = 8 << 20
"""Bytes that the kernel may keep for each further process and shows to nobody: page tables,
descriptors, stacks, waiting signals."""
MAPPING, KINSHIP = 256, 64
"""Bytes that it keeps for each mapping of a process, and for each process from which that came."""
MOST_MAPPINGS = 65_530
"""The kernel's own limit for a process; so many are supposed where `FEW` were not all."""
FEW = 4096
RARELY = 10
"""Looks between two counts of mappings, which take long."""
STEP = 1.25
"""By how much each step of niceness makes a process lighter."""
NICEST = 19


@dataclass(frozen=True)
class Seen:
    """What the kernel says of a process, or of one thread."""

    parent: int
    runs: bool
    """Whether it has a processor or waits for one."""
    seconds: float
    """Of a processor; of a process all threads together, and the children that it waited for."""
    nice: int
    threads: int
    resident: int
    """Bytes, shared ones too."""

    @classmethod
    def read(cls, path: str, proc: int) -> Seen:
        # The name of a program, in brackets, may hold anything.
        fields = _read(f"{path}/stat", proc).rpartition(b")")[2].split()
        seconds = sum(map(int, fields[11:15])) / CLOCK
        nice, threads, pages = int(fields[16]), int(fields[17]), int(fields[21])
        return cls(int(fields[1]), fields[0] == b"R", seconds, nice, threads, PAGE * pages)


def family(student: int, proc: int) -> dict[int, Seen]:
    """A process and all below it. proc: a descriptor of a /proc that shows them.

    Whoever is left without a parent there becomes a child of the student's process.
    """
    everyone = {}
    for name in filter(str.isdigit, os.listdir(proc)):
        with contextlib.suppress(OSError):  # it has ended
            everyone[int(name)] = Seen.read(name, proc)
    below, found = {student}, 0
    while len(below) > found:
        found = len(below)
        below |= {child for child, seen in everyone.items() if seen.parent in below}
    return {each: everyone[each] for each in below if each in everyone}


# --- From the grader's side -----------------------------------------------------------------------


class Others(NamedTuple):
    """What a submission has beside its main thread: threads and processes."""

    seconds: float
    """Of a processor that they have had."""
    some: bool
    """Whether there are any now."""


def others(student: int) -> Others:
    """As this machine's own /proc tells. Raises `OSError` where it does not."""
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    try:
        main = Seen.read(str(student), proc)
        alone = main.threads == 1 and not _read(f"{student}/task/{student}/children", proc)
        seen = {student: main} if alone else family(student, proc)
    finally:
        os.close(proc)
    seconds = sum(each.seconds for each in seen.values()) - schedule(str(student))[0]
    return Others(max(0.0, seconds), not alone)


def schedule(task: str) -> tuple[float, float]:
    """The scheduler's own record of a thread: seconds on a processor, seconds in its queue."""
    with open(f"/proc/{task}/schedstat") as file:
        ran, waited, _ = map(int, file.read().split())
    return ran / 1e9, waited / 1e9


# --- From its keeper's side -----------------------------------------------------------------------


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
    looks: int = 0
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
            self.look()
            pause = max(TICK, SHARE * (time.process_time() - begun))
        if handle not in ended:
            os.kill(self.student, signal.SIGKILL)
        elif oom_kills(self.proc) > before:
            self.short_of_memory = True

    def ending(self, cpu: int) -> dict[str, Any]:
        """Its status, what it used and what limit ended it, as `container.Ending`.

        cpu: seconds of a processor that a process may have.
        """
        _, status, usage = os.wait4(self.student, 0)
        code, seconds = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
        if code in (-signal.SIGKILL, -signal.SIGXCPU) and not self.cause:
            near = seconds > 0.9 * cpu  # the limit goes by another clock of the kernel's
            self.cause = "time" if near else "memory" if self.short_of_memory else ""
        memory = max(self.peak, usage.ru_maxrss * 1024)
        return {"status": code, "seconds": seconds, "memory": memory, "cause": self.cause}

    def look(self) -> None:
        seen = family(self.student, self.proc)
        if len(seen) > 1 or any(each.threads > 1 for each in seen.values()):
            self.make_light(seen)
        if self.memory(seen) > self.most:
            time.sleep(SECOND_LOOK)
            if self.memory(family(self.student, self.proc)) > self.most:
                self.cause = "memory"
                os.kill(self.student, signal.SIGKILL)

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
        if self.looks % RARELY == 0:
            each = MAPPING + KINSHIP * len(alive)
            self.mapped = sum(each * mappings(path, self.proc) for path in alive)
        self.looks += 1
        kept += self.mapped + UNSEEN * (len(alive) - 1)
        if resident + swapped(self.proc) + kept <= self.most and resident <= self.heaviest:
            return 0  # less than there was before
        self.heaviest = resident + resident // 10
        exact = sum(_memory(path, self.proc) for path in alive)
        self.peak = max(self.peak, exact)
        return exact + kept

    def _kept(self) -> int:
        """Bytes in its own file systems, and in its sockets if all of them were full."""
        files = 0
        for place in PRIVATE:
            system = os.statvfs(place)
            files += (system.f_blocks - system.f_bfree) * system.f_frsize
        # "sockets: used 12": of this network namespace, held by whomever or on their way.
        sockets = int(_read("net/sockstat", self.proc).split()[2])
        return files + sockets * self.buffer

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


def holder(process: int, seen: Seen, proc: int) -> tuple[str, int] | None:
    """Where /proc shows a process's memory, and the bytes that are resident.

    That of one whose first thread has ended is shown by the others only.
    """
    if seen.resident:
        return str(process), seen.resident
    others = threads(process, proc).items() if seen.threads > 1 else ()
    found = (
        (f"{process}/task/{number}", thread.resident)
        for number, thread in others
        if thread.resident
    )
    return next(found, None)


def threads(process: int, proc: int) -> dict[int, Seen]:
    """Each thread of a process; nothing of one that has ended."""
    found = {}
    with contextlib.suppress(OSError), _opened(f"{process}/task", proc) as folder:
        for name in os.listdir(folder):
            found[int(name)] = Seen.read(f"{process}/task/{name}", proc)
    return found


def oom_kills(proc: int) -> int:
    """How often the kernel has ended a process for want of memory; 0 where it does not tell."""
    with (
        contextlib.suppress(OSError),
        _opened("vmstat", proc) as file,
        open(file, closefd=False) as lines,
    ):
        return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
    return 0


def _memory(process: str, proc: int) -> int:
    """Its share of the pages that it uses; all of them where it hides how many it shares."""
    with contextlib.suppress(OSError):
        lines = _read(f"{process}/smaps_rollup", proc).splitlines()
        found = [int(line.split()[1]) for line in lines if line.startswith((b"Pss:", b"SwapPss:"))]
        if found:
            return 1024 * sum(found)
    with contextlib.suppress(OSError):
        return Seen.read(process, proc).resident
    return 0


def mappings(process: str, proc: int) -> int:
    """How many mappings a process has; the most that it can have where they are many."""
    found = 0
    with contextlib.suppress(OSError), _opened(f"{process}/maps", proc) as file:
        while found < FEW and (part := os.read(file, 1 << 16)):
            found += part.count(b"\n")
    return found if found < FEW else MOST_MAPPINGS


def swapped(proc: int) -> int:
    """Bytes of all processes of this machine that have been written out to make room."""
    found = dict(line.split(b":") for line in _read("meminfo", proc).splitlines())
    total, free = (int(found[name].split()[0]) for name in (b"SwapTotal", b"SwapFree"))
    return 1024 * (total - free)


def _read(path: str, proc: int) -> bytes:
    with _opened(path, proc) as file:
        return os.read(file, 1 << 14)


@contextlib.contextmanager
def _opened(path: str, proc: int) -> Iterator[int]:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=proc)
    try:
        yield file
    finally:
        os.close(file)
