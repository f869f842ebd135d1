"""Which system calls a submission has: what is refused, and in which way. Linux only.

Runs inside, as plain `ctypes` over libseccomp, which knows the calls' numbers on each processor.
"""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from errno import EAFNOSUPPORT, ENOSYS, EOPNOTSUPP, EPERM

from .cage import CLONE_NEWUSER, PR_SCHED_CORE, PR_SET_SECCOMP, CageError, call

ALLOW, ERRNO = 0x7FFF0000, 0x00050000
SECCOMP_MODE_FILTER = 2
GREATER, MASKED_EQUAL = 6, 7
"""libseccomp's comparisons."""
UNKNOWN = -1
"""What libseccomp says of a name that is newer than itself."""
WORD = 0xFFFFFFFF
"""The kernel reads an int; what stands above it in the register must not hide it."""
GRANTED = 0
"""As if it had been done."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text))


FORBIDDEN = _words(
    """
    acct add_key bpf chroot clock_adjtime clock_settime delete_module fanotify_init finit_module
    fsconfig fsmount fsopen fspick init_module io_uring_enter io_uring_register io_uring_setup kcmp
    kexec_file_load kexec_load keyctl lookup_dcookie mount mount_setattr move_mount move_pages
    name_to_handle_at open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root
    process_madvise process_vm_readv process_vm_writev ptrace quotactl reboot request_key
    setdomainname sethostname setns settimeofday swapoff swapon syslog umount umount2 unshare uselib
    userfaultfd ustat vhangup
    """
)
"""No notebook needs them, and each has been somebody's way out."""

ABSENT = _words(
    """
    clone3 epoll_create epoll_create1 inotify_init inotify_init1 io_setup landlock_add_rule
    landlock_create_ruleset memfd_create memfd_secret mq_open msgget seccomp semget sendfile shmget
    splice tee vmsplice
    """
)
"""As on a kernel without them; programs then do it in another way.

They hold memory that belongs to no process: in files without a place, queues, the system's own
lists, pages lent to a pipe. clone3 has its flags in memory, where a filter cannot look.
"""

WITHOUT_ATTRIBUTES = _words("setxattr lsetxattr fsetxattr setxattrat")
"""As on a file system without extended attributes, which no limit of its size counts."""

IN_WORD = _words(
    """
    flock ioprio_set sched_setaffinity sched_setattr sched_setparam sched_setscheduler setpriority
    setsid sync syncfs
    """
)
"""They succeed and do nothing: a submission has nobody to lock out or to give way to but itself.

A lock on a file that all can read would be a sign to another submission, and its share of the
processors is not its own to choose (a session has one of its own).
"""

NEWER = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "clone3": 435, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442,
    "landlock_create_ruleset": 444, "landlock_add_rule": 445, "memfd_secret": 447,
    "setxattrat": 463,
}  # fmt: skip
"""Numbers, the same on every processor, of calls that an older libseccomp may not know."""

F_OFD_SETLK, F_OFD_SETLKW, F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ = 37, 38, 1024, 1026, 1031
SO_ATTACH_FILTER, SO_SNDBUFFORCE, SO_RCVBUFFORCE = 26, 32, 33
SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_CBPF, SO_ATTACH_REUSEPORT_EBPF, SO_ZEROCOPY = 50, 51, 52, 60
MAP_HUGETLB = 0x40000
FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
"""Sockets of other families know no network namespace, or load what nobody needs."""


class _Argument(ctypes.Structure):
    _fields_ = (
        ("place", ctypes.c_uint),
        ("comparison", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


@dataclass(frozen=True)
class Rule:
    """A call that fails with `error`, where all of its arguments compare so; 0 is success."""

    name: str
    error: int
    where: tuple[_Argument, ...] = ()


def _is(place: int, value: int, mask: int = WORD) -> _Argument:
    return _Argument(place, MASKED_EQUAL, mask, value)


def rules() -> Iterator[Rule]:
    for names, error in (
        (FORBIDDEN, EPERM),
        (ABSENT, ENOSYS),
        (WITHOUT_ATTRIBUTES, EOPNOTSUPP),
        (IN_WORD, GRANTED),
    ):
        yield from (Rule(name, error) for name in names)
    yield Rule("clone", EPERM, (_is(0, CLONE_NEWUSER, CLONE_NEWUSER),))
    # Pages of a shared mapping stay when it shrinks, or when a process looks away from them.
    for flags in (mmap.MAP_SHARED | mmap.MAP_ANONYMOUS, MAP_HUGETLB):
        yield Rule("mmap", EPERM, (_is(3, flags, flags),))
    for name in ("socket", "socketpair"):
        for family in set(range(max(FAMILIES))) - set(FAMILIES):
            yield Rule(name, EAFNOSUPPORT, (_is(0, family),))
        yield Rule(name, EAFNOSUPPORT, (_Argument(0, GREATER, max(FAMILIES), 0),))
    yield Rule("prctl", EPERM, (_is(0, PR_SCHED_CORE),))  # a core whose other half stays idle
    yield from _of_descriptors()


def _of_descriptors() -> Iterator[Rule]:
    """No buffers that are larger than usual, no filters, no locks, no watching."""
    for command in (fcntl.F_SETLK, fcntl.F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW):
        yield Rule("fcntl", GRANTED, (_is(1, command),))
    for command in (F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ):
        yield Rule("fcntl", EPERM, (_is(1, command),))
    sizes = (socket.SO_SNDBUF, socket.SO_RCVBUF, SO_SNDBUFFORCE, SO_RCVBUFFORCE)
    more = (SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_CBPF, SO_ATTACH_REUSEPORT_EBPF,
            SO_ZEROCOPY)  # fmt: skip
    for options, error in ((sizes, GRANTED), (more, EPERM)):
        for option in options:
            yield Rule("setsockopt", error, (_is(1, socket.SOL_SOCKET), _is(2, option)))


def compiled() -> bytes:
    """The filter as the kernel reads it. Raises `CageError` where it cannot be made."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError as error:
        raise CageError("libseccomp is not installed (libseccomp.so.2)") from error
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(ALLOW)))
    for rule in rules():
        _add(library, context, rule)
    with open(os.memfd_create("filter"), "r+b") as file:
        library.seccomp_export_bpf(context, file.fileno())
        library.seccomp_release(context)
        file.seek(0)
        return file.read()


def _add(library: ctypes.CDLL, context: ctypes.c_void_p, rule: Rule) -> None:
    number = library.seccomp_syscall_resolve_name(rule.name.encode())
    if number == UNKNOWN:
        number = NEWER[rule.name]
    if number < 0:  # this processor's kernel has no such call
        return
    where = (_Argument * len(rule.where))(*rule.where)
    action = ctypes.c_uint32(ERRNO | rule.error)
    refused = library.seccomp_rule_add_array(context, action, number, len(where), where)
    if refused:
        raise CageError(-refused, f"a rule for {rule.name}: {os.strerror(-refused)}")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install(program: bytes) -> None:
    """From here on this process, and all that it starts, is bound by the filter."""
    instructions = ctypes.create_string_buffer(program)
    made = _Program(len(program) // 8, ctypes.cast(instructions, ctypes.c_void_p))
    call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(made), 0, 0)
