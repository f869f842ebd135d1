"""One fork of the warm process, as the grader has it: its pipe, its time, and its end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.sandbox.pipe import Closed, Pipe, until
from autograder.sandbox.seen import Others, Turns, others, processor, turns

SLOWEST_FORK = 20
PROCESSORS = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set[int]()
"""Those that this process may use."""
NAP = 2e-4
"""Seconds after which the kernel looks for an idle processor for us."""


class SandboxError(Exception):
    """The sandbox itself failed; never the student's fault."""


@dataclass
class Ending:
    """How a process ended: its exit status, below 0 the signal; and what it had used.

    cause: the limit that ended it, memory or time; nothing where it ended otherwise.
    """

    status: int
    seconds: float = 0.0
    memory: int = 0
    fault: str = ""
    cause: str = ""


class Process:
    """One fork: its pipe, and the means to end it with everything that it has started."""

    def __init__(self, ours: socket.socket, watch: socket.socket, contained: bool):
        self.pipe = Pipe(ours)
        self.watch = watch
        self.contained = contained
        self.handle: int | None = None
        self.pid = 0
        self.unread = b""
        self.ending: Ending | None = None
        self.gathered = False
        self.last_turns = Turns()
        try:
            self._begin()
        except (OSError, Closed, TimeoutError, ValueError) as error:
            self.end()
            fault = self.ending.fault if self.ending else ""
            raise SandboxError(f"no fork: {fault or type(error).__name__}") from error

    def _begin(self) -> None:
        self.watch.settimeout(SLOWEST_FORK)
        text, handles, _, _ = socket.recv_fds(self.watch, 4096, 1)
        self.handle = handles[0] if handles else None
        line, _, self.unread = text.partition(b"\n")
        self.pid = json.loads(line)["pid"]
        content, _ = self.pipe.receive(until(SLOWEST_FORK))
        if content != ["t", [["t", []], "ready"]]:
            raise ValueError("not ready")

    def gather(self) -> None:
        """Have its main thread and ours on one processor, an idle one if there is one.

        They take turns, message by message, and it takes three times as long to wake another
        processor for each (`python -m benchmarks.messages`).
        """
        if PROCESSORS:
            with contextlib.suppress(OSError, ValueError):
                os.sched_setaffinity(0, PROCESSORS)
                time.sleep(NAP)
                here = {processor("thread-self")}
                os.sched_setaffinity(self.host_pid, here)
                os.sched_setaffinity(0, here)
                self.gathered = True

    def scatter(self) -> None:
        """Each runs where the kernel puts it, and so does what the submission starts."""
        if self.gathered:
            self.gathered = False
            with contextlib.suppress(OSError):
                os.sched_setaffinity(0, PROCESSORS)
            with contextlib.suppress(OSError, ValueError):
                os.sched_setaffinity(self.host_pid, PROCESSORS)

    @property
    def turns(self) -> Turns:
        """What its main thread and ours have had of processors, and waited for."""
        with contextlib.suppress(OSError, ValueError):  # it has ended, or the kernel does not tell
            self.last_turns = turns(self.host_pid)
        return self.last_turns

    @property
    def others(self) -> Others:
        """Its threads but the main one, and its processes."""
        with contextlib.suppress(OSError, ValueError):
            return others(self.host_pid)
        return Others(0.0, False)

    @cached_property
    def host_pid(self) -> int:
        """Its number here; `pid` is the one in its container."""
        handle = Path(f"/proc/self/fdinfo/{self.handle}").read_text()
        return int(handle.partition("\nPid:")[2].split()[0])

    def kill(self) -> None:
        """End it, and with it all of its pid namespace (or of its session, uncontained)."""
        with contextlib.suppress(OSError):
            if self.handle is not None:
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)
        with contextlib.suppress(OSError):
            if not self.contained and self.pid:
                os.killpg(self.pid, signal.SIGKILL)

    def end(self) -> Ending:
        """End it, if it has not ended by itself, and say how."""
        if self.ending is None:
            self.scatter()
            self.kill()
            self.ending = self._ending()
            self._close()
        return self.ending

    def _ending(self) -> Ending:
        """Its keeper's last line; the first one counts where the set-up failed and said so."""
        self.watch.settimeout(5)
        with contextlib.suppress(OSError, ValueError):
            while True:
                while b"\n" not in self.unread:
                    more = self.watch.recv(4096)
                    if not more:
                        return Ending(-signal.SIGKILL)
                    self.unread += more
                line, _, self.unread = self.unread.partition(b"\n")
                found = json.loads(line)
                if "status" in found:
                    return Ending(**found)
        return Ending(-signal.SIGKILL)

    def _close(self) -> None:
        self.pipe.connection.close()
        self.watch.close()
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None
