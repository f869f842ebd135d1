"""What a keeper sees to while a submission runs: that it ends, and how much memory it takes.

A limit of address space binds each process alone, and a submission may start many.
"""

from __future__ import annotations

import os
import select
import signal
import socket

TICK = 0.2
"""Seconds between two looks at the memory."""
PAGE = os.sysconf("SC_PAGE_SIZE")


def until_its_end(student: int, handle: int, report: socket.socket, most: int, proc: int) -> int:
    """Wait until the student's process, a pidfd of which is `handle`, has ended.

    End it, and so all that it has started, when nobody waits for its report any more, or when
    together they take more than `most` bytes. Returns the most that was seen of more than one.
    proc: a descriptor of a /proc that shows them.
    """
    peak = 0
    ends = select.poll()
    ends.register(handle, select.POLLIN)
    ends.register(report, select.POLLIN)
    while not (ended := dict(ends.poll(1000 * TICK))):
        peak = max(peak, together(student, proc))
        if peak > most:
            os.kill(student, signal.SIGKILL)
    if handle not in ended:
        os.kill(student, signal.SIGKILL)
    return peak


def together(student: int, proc: int) -> int:
    """Bytes of memory of a process and all below it; 0 where it is alone, and bound by its limit.

    Whoever is left without a parent there becomes a child of the student's process.
    """
    parents = {}
    for name in filter(str.isdigit, os.listdir(proc)):
        try:
            # The name of a program, in brackets, may hold anything.
            fields = _read(f"{name}/stat", proc).rpartition(b")")[2].split()
        except OSError:  # it has ended
            continue
        parents[int(name)] = int(fields[1])
    family, found = {student}, 0
    while len(family) > found:
        found = len(family)
        family |= {child for child, parent in parents.items() if parent in family}
    return sum(_memory(each, proc) for each in family) if found > 1 else 0


def _memory(process: int, proc: int) -> int:
    """Its share of the pages that it uses; all of them where it hides how many it shares."""
    try:
        for line in _read(f"{process}/smaps_rollup", proc).splitlines():
            if line.startswith(b"Pss:"):
                return 1024 * int(line.split()[1])
    except OSError:
        pass
    try:
        return PAGE * int(_read(f"{process}/statm", proc).split()[1])
    except (OSError, IndexError):
        return 0


def _read(path: str, proc: int) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=proc)
    try:
        return os.read(file, 1 << 14)
    finally:
        os.close(file)
