"""What confines one submission's process: namespaces, limits, Landlock, seccomp. Linux only.

It runs inside, in a fresh fork, before anything of the student's does. Plain `ctypes`: the system
calls have no Python functions, and the fork must not import anything.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import socket
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
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 22, 24, 38
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
    """Bytes of memory of all its processes."""
    processes: int = 48
    file_size: int = 16 << 20
    disk: int = 64 << 20
    """Bytes of the private /tmp."""
    cpu: int = 600
    """Seconds."""


def _call(name: str, *arguments: object) -> None:
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise CageError(number, f"{name}: {os.strerror(number)}")


# --- Namespaces ---------------------------------------------------------------------------------


def unshare() -> None:
    """New namespaces for this process; for its children where pids are concerned."""
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", NAMESPACES)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{STUDENT} {uid} 1"),
        ("gid_map", f"{STUDENT} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def mount_private(disk: int, kept: list[str]) -> None:
    """A /tmp of its own and no /proc; everything else is read-only already.

    kept: folders within /tmp that stay, where Python itself lies there.
    """
    _call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
    folders = [os.open(folder, os.O_PATH) for folder in kept]
    flags = MS_NOSUID | MS_NODEV
    for place, size in ((b"/tmp", disk), (b"/dev/shm", disk)):
        options = f"size={size},nr_inodes=4096,mode=0700,uid={STUDENT},gid={STUDENT}".encode()
        _call("mount", b"tmpfs", place, b"tmpfs", flags, options)
    for folder, number in zip(kept, folders, strict=True):
        os.makedirs(folder)
        source = f"/proc/self/fd/{number}".encode()
        _call("mount", source, folder.encode(), None, MS_BIND | MS_REC, None)
    _call("mount", b"tmpfs", b"/proc", b"tmpfs", flags | MS_NOEXEC | MS_RDONLY, b"size=4k")
    socket.sethostname("sandbox")


def drop_capabilities() -> None:
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    _call("capset", header, data)


def no_new_privileges() -> None:
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def rehearse(user: str) -> None:
    """Every step that a kernel may refuse, in a process that then ends."""
    if user:
        os.setgid(int(user))
        os.setuid(int(user))
        libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    unshare()
    child = os.fork()
    if child == 0:
        mount_private(1 << 20, [])
        drop_capabilities()
        no_new_privileges()
        landlock(["/"], ["/tmp"])
        os._exit(0)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


# --- Limits -------------------------------------------------------------------------------------


def limit(bounds: Bounds, size: int, contained: bool) -> None:
    """size: the warm process's own address space, in bytes."""
    for what, most in (
        (resource.RLIMIT_AS, size + bounds.memory),
        (resource.RLIMIT_FSIZE, bounds.file_size),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CPU, bounds.cpu),
    ):
        _lower(what, most)
    if contained:  # elsewhere it would count all that the grader's user runs
        _lower(resource.RLIMIT_NPROC, bounds.processes)


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


# --- seccomp ------------------------------------------------------------------------------------

FORBIDDEN = tuple(
    re.findall(
        r"\w+",
        """
        acct add_key bpf chroot clock_adjtime clock_settime delete_module fanotify_init
        finit_module fsconfig fsmount fsopen fspick init_module io_uring_enter io_uring_register
        io_uring_setup kcmp kexec_file_load kexec_load keyctl lookup_dcookie mount mount_setattr
        move_mount move_pages name_to_handle_at open_by_handle_at open_tree perf_event_open
        pidfd_getfd pivot_root process_madvise process_vm_readv process_vm_writev ptrace quotactl
        reboot request_key setdomainname sethostname setns settimeofday swapoff swapon syslog
        umount umount2 unshare uselib userfaultfd ustat vhangup
        """,
    )
)
"""System calls that no notebook needs, each of which has been somebody's way out."""

ALLOW, ERRNO, EPERM, ENOSYS = 0x7FFF0000, 0x00050000, 1, 38
COMPARE_MASKED_EQUAL = 7


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


class _Argument(ctypes.Structure):
    _fields_ = (
        ("place", ctypes.c_uint),
        ("comparison", ctypes.c_int),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    )


def seccomp_filter() -> bytes | None:
    """The filter as the kernel reads it, made by libseccomp; None where that is not installed."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return None
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(ALLOW)))
    for call in FORBIDDEN:
        number = library.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:
            library.seccomp_rule_add(context, ctypes.c_uint32(ERRNO | EPERM), number, 0)
    # clone3's flags lie in memory, where a filter cannot look; without it the libc takes clone.
    clone3 = library.seccomp_syscall_resolve_name(b"clone3")
    library.seccomp_rule_add(context, ctypes.c_uint32(ERRNO | ENOSYS), clone3, 0)
    clone = library.seccomp_syscall_resolve_name(b"clone")
    namespaces = _Argument(0, COMPARE_MASKED_EQUAL, CLONE_NEWUSER, CLONE_NEWUSER)
    library.seccomp_rule_add_array(
        context, ctypes.c_uint32(ERRNO | EPERM), clone, 1, ctypes.byref(namespaces)
    )
    with open(os.memfd_create("filter"), "r+b") as file:
        library.seccomp_export_bpf(context, file.fileno())
        library.seccomp_release(context)
        file.seek(0)
        return file.read()


def seccomp(program: bytes) -> None:
    instructions = ctypes.create_string_buffer(program)
    made = _Program(len(program) // 8, ctypes.cast(instructions, ctypes.c_void_p))
    _call("prctl", PR_SET_SECCOMP, 2, ctypes.byref(made), 0, 0)


if __name__ == "__main__":
    rehearse(*sys.argv[1:])
