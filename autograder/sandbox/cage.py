"""What confines one submission's process: namespaces, limits, Landlock. Linux only.

It runs inside, in a fresh fork, before anything of the student's does. Plain `ctypes`: the system
calls have no Python functions, and the fork must not import anything.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import resource
import signal
import socket
import stat
import struct
import sys
from dataclasses import dataclass

libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS = 0x00020000, 0x02000000, 0x04000000
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = (1 << bit for bit in (27, 28, 29, 30))
NAMESPACES = (
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS
    | CLONE_NEWCGROUP
)  # fmt: skip
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SCHED_CORE = 24, 38, 62
DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
"""Not /dev/zero: what is mapped of it is memory that nobody counts. No terminals: two submissions
would share them."""
PRIVATE = ("/tmp", "/dev/shm")
"""Where a submission may write, each into a file system of its own."""
MOST_DESCRIPTORS = 256
MOST_SIGNALS = 256
"""Signals that wait, and timers, of all processes."""
STUDENT = 1000
"""The user that a submission sees itself as."""


class CageError(OSError):
    """The kernel refused a step; the message names it."""


@dataclass(frozen=True)
class Bounds:
    """What one submission's process may use."""

    memory: int = 1 << 30
    """Bytes of address space beyond the warm process's."""
    together: int = 2 << 30
    """Bytes of memory of all its processes, and of what the kernel keeps for them."""
    processes: int = 48
    file_size: int = 16 << 20
    """Bytes of a file that its code writes; what is put in before it runs may be larger."""
    disk: int = 64 << 20
    """Bytes of the private /tmp."""
    cpu: int = 600
    """Seconds."""


def call(name: str, *arguments: object) -> None:
    """A function of the libc that says 0; a `CageError` where it does not."""
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise CageError(number, f"{name}: {os.strerror(number)}")


# --- Namespaces ---------------------------------------------------------------------------------


def unshare() -> None:
    """New namespaces for this process; for its children where pids are concerned."""
    uid, gid = os.getuid(), os.getgid()
    call("unshare", NAMESPACES)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{STUDENT} {uid} 1"),
        ("gid_map", f"{STUDENT} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def mount_private(disk: int, kept: list[str]) -> None:
    """A /tmp of its own and no /proc; nothing else can be changed, not even a device's dates.

    kept: what stays within /tmp, where Python itself lies there.
    """
    call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
    sources = [os.open(place, os.O_PATH) for place in kept]
    flags = MS_NOSUID | MS_NODEV
    for place in PRIVATE:
        options = f"size={disk},nr_inodes=4096,mode=0700,uid={STUDENT},gid={STUDENT}"
        call("mount", b"tmpfs", place.encode(), b"tmpfs", flags, options.encode())
    for place, number in zip(kept, sources, strict=True):
        _make_like(place, number)
        source = f"/proc/self/fd/{number}".encode()
        call("mount", source, place.encode(), None, MS_BIND | MS_REC, None)
        os.close(number)
    for place in DEVICES:
        already = os.statvfs(place).f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC)
        fixed = MS_REMOUNT | MS_BIND | MS_RDONLY | already
        call("mount", None, place.encode(), None, fixed, None)
    call("mount", b"tmpfs", b"/proc", b"tmpfs", flags | MS_NOEXEC | MS_RDONLY, b"size=4k")
    socket.sethostname("sandbox")


def _make_like(place: str, number: int) -> None:
    """An empty folder or file, over which the one of this descriptor can be mounted."""
    if stat.S_ISDIR(os.fstat(number).st_mode):
        os.makedirs(place)
    else:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        open(place, "x").close()


def keep_only(descriptors: list[int]) -> None:
    """Close all others; what forks inherit they share, even where it leads to nothing."""
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    edges = [2, *sorted(descriptors), MOST_DESCRIPTORS]
    for before, after in itertools.pairwise(edges):
        os.closerange(before + 1, after)


def drop_capabilities() -> None:
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    call("capset", header, data)


def no_new_privileges() -> None:
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def step_down(user: int) -> None:
    """Become this user; what lies in /proc of this process stays its own."""
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)


def die_with_the_parent() -> None:
    call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


# --- Limits -------------------------------------------------------------------------------------


def limit(bounds: Bounds, size: int, alone: bool) -> None:
    """size: the warm process's own address space, in bytes. alone: its user runs nothing else."""
    for what, most in (
        (resource.RLIMIT_AS, size + bounds.memory),
        (resource.RLIMIT_FSIZE, bounds.disk),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, MOST_DESCRIPTORS),
        (resource.RLIMIT_CPU, bounds.cpu),
    ):
        _lower(what, most)
    if sys.platform == "linux":
        _lower(resource.RLIMIT_MSGQUEUE, 0)
        _lower(resource.RLIMIT_SIGPENDING, MOST_SIGNALS)
    if alone:  # elsewhere it would count all that the grader's user runs
        _lower(resource.RLIMIT_NPROC, bounds.processes)


def limit_files(bounds: Bounds) -> None:
    """From now on it writes no larger one; for good, as all limits."""
    _lower(resource.RLIMIT_FSIZE, bounds.file_size)


def _lower(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def address_space() -> int:
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:  # no /proc: a usual size of the warm process
        return 2 << 30


# --- Landlock -----------------------------------------------------------------------------------

SYS_CREATE_RULESET, SYS_ADD_RULE, SYS_RESTRICT_SELF = 444, 445, 446
EXECUTE, READ_FILE, READ_DIR = 1 << 0, 1 << 2, 1 << 3
OF_A_FILE = EXECUTE | 1 << 1 | READ_FILE | 1 << 14 | 1 << 15
"""Execute, write, read, truncate, control: what a single file can be given."""
BITS_OF_ABI = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many kinds of access a version of Landlock knows; 16 since version 5."""


def landlock(readable: list[str], writable: list[str]) -> bool:
    """Only these folders may be read, only those written. False where the kernel has none."""
    version = libc.syscall(SYS_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    every = (1 << BITS_OF_ABI.get(version, 16)) - 1
    attributes = (ctypes.c_uint64 * 1)(every)
    rules = libc.syscall(SYS_CREATE_RULESET, attributes, 8, 0)
    if rules < 0:
        raise CageError(ctypes.get_errno(), "landlock_create_ruleset")
    for places, access in ((readable, EXECUTE | READ_FILE | READ_DIR), (writable, every)):
        for place in places:
            if os.path.exists(place):
                _allow(rules, place, access)
    if libc.syscall(SYS_RESTRICT_SELF, rules, 0) != 0:
        raise CageError(ctypes.get_errno(), "landlock_restrict_self")
    os.close(rules)
    return True


def _allow(rules: int, place: str, access: int) -> None:
    folder = os.open(place, os.O_PATH | os.O_CLOEXEC)
    if not os.path.isdir(place):
        access &= OF_A_FILE
    rule = ctypes.create_string_buffer(struct.pack("=Qi", access, folder))
    if libc.syscall(SYS_ADD_RULE, rules, 1, rule, 0) != 0:
        raise CageError(ctypes.get_errno(), f"landlock_add_rule: {place}")
    os.close(folder)
