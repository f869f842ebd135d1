"""What the kernel says of a running submission: its processes, their memory, their time.

proc, wherever it is an argument: a descriptor of a /proc that shows them.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

PAGE = os.sysconf("SC_PAGE_SIZE")
CLOCK = os.sysconf("SC_CLK_TCK")
FEW_MAPPINGS, MOST_MAPPINGS = 4096, 65_530
"""So many of a process are counted; where there are more, the kernel's own limit is supposed."""


@dataclass(frozen=True)
class Seen:
    """A process, or one thread."""

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
        fields = read(f"{path}/stat", proc).rpartition(b")")[2].split()
        seconds = sum(map(int, fields[11:15])) / CLOCK
        nice, threads, pages = int(fields[16]), int(fields[17]), int(fields[21])
        return cls(int(fields[1]), fields[0] == b"R", seconds, nice, threads, PAGE * pages)


def family(student: int, proc: int) -> dict[int, Seen]:
    """A process and all below it.

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


def threads(process: int, proc: int) -> dict[int, Seen]:
    """Each thread of a process; nothing of one that has ended."""
    found = {}
    with contextlib.suppress(OSError), _opened(f"{process}/task", proc) as folder:
        for name in os.listdir(folder):
            found[int(name)] = Seen.read(f"{process}/task/{name}", proc)
    return found


# --- Memory ---------------------------------------------------------------------------------------


def holder(process: int, seen: Seen, proc: int) -> tuple[str, int] | None:
    """Where /proc shows a process's memory, and the bytes that are resident.

    That of one whose first thread has ended is shown by the others only.
    """
    if seen.resident:
        return str(process), seen.resident
    for number, thread in threads(process, proc).items() if seen.threads > 1 else ():
        if thread.resident:
            return f"{process}/task/{number}", thread.resident
    return None


def own_memory(process: str, proc: int) -> int:
    """Its share of the pages that it uses; all of them where it hides how many it shares."""
    with contextlib.suppress(OSError):
        lines = read(f"{process}/smaps_rollup", proc).splitlines()
        found = [int(line.split()[1]) for line in lines if line.startswith((b"Pss:", b"SwapPss:"))]
        if found:
            return 1024 * sum(found)
    with contextlib.suppress(OSError):
        return Seen.read(process, proc).resident
    return 0


def mappings(process: str, proc: int) -> int:
    """How many mappings a process has; the most that it can have where they are many or hidden."""
    found = 0
    try:
        with _opened(f"{process}/maps", proc) as file:
            while found < FEW_MAPPINGS and (part := os.read(file, 1 << 16)):
                found += part.count(b"\n")
    except PermissionError:
        return MOST_MAPPINGS
    except OSError:  # it has ended
        return 0
    return found if found < FEW_MAPPINGS else MOST_MAPPINGS


def sockets(proc: int) -> int:
    """How many there are in our network namespace, whoever holds them, or on their way."""
    return int(read("net/sockstat", proc).split()[2])  # "sockets: used 12"


def swapped(proc: int) -> int:
    """Bytes of all processes of this machine that have been written out to make room."""
    found = dict(line.split(b":") for line in read("meminfo", proc).splitlines())
    total, free = (int(found[name].split()[0]) for name in (b"SwapTotal", b"SwapFree"))
    return 1024 * (total - free)


def oom_kills(proc: int) -> int:
    """How often the kernel has ended a process for want of memory; 0 where it does not tell."""
    try:
        with _opened("vmstat", proc) as file, open(file, closefd=False) as lines:
            counts = dict(line.split() for line in lines)
    except OSError:
        return 0
    return int(counts.get("oom_kill", 0))


# --- From outside ---------------------------------------------------------------------------------


class Others(NamedTuple):
    """What a submission has beside its main thread: threads and processes."""

    seconds: float
    """Of a processor that they have had."""
    some: bool
    """Whether there are any now."""


def others(student: int) -> Others:
    """As this machine's own /proc tells. Raises `OSError` where it does not."""
    with _opened("/proc") as proc:
        main = Seen.read(str(student), proc)
        alone = main.threads == 1 and not _has_children(student, proc)
        seen = {student: main} if alone else family(student, proc)
    seconds = sum(each.seconds for each in seen.values()) - schedule(str(student))[0]
    return Others(max(0.0, seconds), main.threads > 1 or len(seen) > 1)


def _has_children(process: int, proc: int) -> bool:
    """Of a process with one thread; quicker than to look at all processes of this machine."""
    try:
        return bool(read(f"{process}/task/{process}/children", proc))
    except FileNotFoundError:  # a kernel that does not list them: there may be some
        return True


def schedule(task: str) -> tuple[float, float]:
    """The scheduler's own record of a thread: seconds on a processor, seconds in its queue."""
    with open(f"/proc/{task}/schedstat") as file:
        ran, waited, _ = map(int, file.read().split())
    return ran / 1e9, waited / 1e9


class Turns(NamedTuple):
    """Seconds of two threads that take turns, ours and a submission's main one: on a processor, and
    ready for one. clock: when that was."""

    ran: float = 0.0
    queued: float = 0.0
    their_ran: float = 0.0
    their_queued: float = 0.0
    clock: float = 0.0

    def waited_since(self, before: Turns) -> float:
        """Seconds in which others had the processor that one of the two was ready for.

        Where one was ready while the other ran, it is their own turn that it waited for: so it is
        what they were ready for beyond that, or as much as neither ran, whichever is more.
        """
        new = Turns(*(max(0.0, now - then) for now, then in zip(self, before, strict=True)))
        beyond = max(0.0, new.queued - new.their_ran) + max(0.0, new.their_queued - new.ran)
        neither = new.clock - new.ran - new.their_ran
        return max(beyond, min(new.queued + new.their_queued, neither))


def turns(student: int) -> Turns:
    """Of the calling thread and of this process's main one. Raises `OSError`, and `ValueError`."""
    return Turns(*schedule("thread-self"), *schedule(str(student)), time.monotonic())


def processor(task: str) -> int:
    """The number of the processor that a thread runs on, or ran on last."""
    with open(f"/proc/{task}/stat", "rb") as file:
        return int(file.read().rpartition(b")")[2].split()[36])


# --- Files of /proc -------------------------------------------------------------------------------


def read(path: str, proc: int) -> bytes:
    with _opened(path, proc) as file:
        return os.read(file, 1 << 14)


@contextlib.contextmanager
def _opened(path: str, proc: int | None = None) -> Iterator[int]:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=proc)
    try:
        yield file
    finally:
        os.close(file)
