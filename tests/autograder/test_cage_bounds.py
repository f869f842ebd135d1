"""What a submission may hold and weigh, what it shares with others, and what ends it."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest

from autograder.sandbox import container as outside
from autograder.sandbox import seccomp, seen, watch
from autograder.sandbox.cage import Bounds
from autograder.sandbox.clock import BUSIEST, STARVED
from autograder.sandbox.process import Process
from autograder.sandbox.seen import Others, Turns
from autograder.sandbox.watch import Watch
from tests.autograder.caged import ending, said
from tests.conftest import contained

SMALL = Bounds(together=300 << 20)


# --- What two submissions share -------------------------------------------------------------------

LEAVES = """
import fcntl, os, socket

flags = fcntl.fcntl(0, fcntl.F_GETFL)
fcntl.fcntl(0, fcntl.F_SETFL, flags | os.O_NONBLOCK | os.O_APPEND)
held = [open("/usr/bin/env", "rb"), socket.socket(socket.AF_UNIX)]
fcntl.flock(held[0], fcntl.LOCK_EX)
held[1].bind("\\0a-name")
changed = []
for place in ("/dev/null", "/dev/urandom", "/course", "/packages", "/dev", "/"):
    try:
        os.utime(place)
        changed.append(place)
    except OSError:
        pass
print(changed)
"""
FINDS = """
import fcntl, os, socket

flags = fcntl.fcntl(0, fcntl.F_GETFL)
nothing = open("/dev/null").close()
file = open("/usr/bin/env", "rb")
fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
try:
    socket.socket(socket.AF_UNIX).connect("\\0a-name")
except ConnectionRefusedError:
    print("no name", flags & (os.O_NONBLOCK | os.O_APPEND), sorted(os.listdir("/dev")))
"""


@contained
def test_two_submissions_share_no_name_and_no_state(start):
    first, second = start(), start()
    assert said(first, LEAVES) == "[]\n"
    devices = ["full", "null", "random", "shm", "urandom"]
    assert said(second, FINDS) == f"no name 0 {devices}\n"


@contained
def test_forks_have_no_memory_in_common(start):
    """What a module maps as shared when it is imported, all forks could write to."""
    maps = Path(f"/proc/{start().process.host_pid}/maps").read_text()
    assert not re.findall(r"^\S+ .w.s .*$", maps, re.MULTILINE)


@contained
def test_a_submission_holds_only_its_own_descriptors(start):
    places = Path(f"/proc/{start().process.host_pid}/fd")
    found = sorted(os.readlink(place).partition(":")[0] for place in places.iterdir())
    assert found == ["/dev/null", *["/tmp/home/.written (deleted)"] * 3, "socket"]


# --- What it may hold -----------------------------------------------------------------------------

FAN = """
import os, socket, threading, time


def fan(work, processes=12):
    for number in range(processes):
        if os.fork() == 0:
            kept = work(number)
            time.sleep(600)
    time.sleep(600)
"""
HOARDS = {
    "pages": "fan(lambda n: b'x' * (40 << 20))",
    "pages of hidden processes": "import ctypes\n"
    "fan(lambda n: (ctypes.CDLL(None).prctl(4, 0, 0, 0, 0), b'x' * (40 << 20)))",
    "pages of processes whose first thread has ended": """
import ctypes

def hold():
    kept = b"x" * (40 << 20)
    time.sleep(600)

def work(number):
    threading.Thread(target=hold).start()
    ctypes.CDLL(None).syscall(EXIT, 0)

fan(work)
""",
    "sockets": """
def work(number):
    kept = []
    try:
        while True:
            kept.append(socket.socketpair())
            kept[-1][0].setblocking(False)
            try:
                while True:
                    kept[-1][0].send(bytes(1 << 15))
            except BlockingIOError:
                pass
    except OSError:
        return kept

fan(work)
""",
    "sockets that wait to be taken": """
def work(number):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"/tmp/{number}")
    listener.listen(200)
    for _ in range(190):
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(f"/tmp/{number}")
            caller.send(bytes(100_000))
    return listener

fan(work, 8)
""",
    "files, and processes": """
for name in ("/tmp/a", "/dev/shm/a"):
    for k in range(4):
        with open(f"{name}{k}", "wb") as file:
            file.write(bytes(15 << 20))
fan(lambda n: b"x" * (20 << 20))
""",
    "mappings": """
import ctypes

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p

def work(number):
    pages = libc.mmap(None, ctypes.c_size_t(70_000 << 12), 3, 0x22, -1, ctypes.c_long(0))
    for k in range(0, 65_000, 2):
        libc.mprotect(ctypes.c_void_p(pages + (k << 12)), ctypes.c_size_t(4096), 1)

fan(work, 16)
""",
}


@contained
@pytest.mark.parametrize("what", HOARDS)
def test_memory_counts_wherever_it_is(start, what):
    session = start(SMALL)
    exits = numbers_of("exit")
    assert ending(session, f"EXIT = {exits}\n{FAN}{HOARDS[what]}") == "memory"
    assert session.process.end().cause == "memory"


def numbers_of(call: str) -> int:
    return seccomp.ctypes.CDLL("libseccomp.so.2").seccomp_syscall_resolve_name(call.encode())


@contained
def test_processes_that_share_their_memory_hold_it_once(start):
    source = f"{FAN}kept = b'x' * (150 << 20)\nfan(id, 6)".replace("600", "2")
    session = start(Bounds(together=600 << 20))  # seven times as much is more
    assert session.run(source, lambda output: None)
    assert 150 << 20 < session.close().memory < 600 << 20


# --- What ended it --------------------------------------------------------------------------------


@contained
def test_a_limit_of_a_processors_time_is_told_as_such(start):
    assert ending(start(Bounds(cpu=1)), "while True: pass") == "time"


@contained
def test_who_is_killed_by_nobody_known_crashed(start):
    """Much memory in use is no cause; only a limit is."""
    session = start()
    said(session, "kept = b'x' * (600 << 20)")
    os.kill(session.process.host_pid, signal.SIGKILL)
    assert ending(session, "1") == "crashed"


@contained
def test_what_the_kernel_ends_for_want_of_memory_is_told_as_such(monkeypatch):
    """As its own counter says, which a test had better not raise."""
    counts = iter([4, 5])
    monkeypatch.setattr(watch, "oom_kills", lambda proc: next(counts))
    pid = os.fork()
    if pid == 0:
        signal.pause()
    handle, (ours, theirs) = os.pidfd_open(pid), outside.socket.socketpair()
    os.kill(pid, signal.SIGKILL)
    keeper = Watch(pid, os.open("/proc", os.O_RDONLY), 1 << 30)
    keeper.until_its_end(handle, theirs)
    ours.close()
    assert keeper.ending(60)["cause"] == "memory"


# --- A noisy neighbour ----------------------------------------------------------------------------

NOISE = """
import os

for _ in range(40):
    if os.fork() == 0:
        os.setsid()
        while True:
            pass
"""
WORKS = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass"


def given(monkeypatch, queued, others) -> None:
    monkeypatch.setattr(Process, "turns", property(lambda self: Turns(their_queued=queued())))
    monkeypatch.setattr(Process, "others", property(lambda self: others()))


@contained
def test_waiting_for_a_processor_does_not_count(start, monkeypatch):
    """However long others keep them all busy; here the record says: ever since."""
    given(monkeypatch, time.monotonic, lambda: Others(0.0, False))
    session = start(seconds=0.2)
    said(session, f"import time\ntime.sleep({0.2 * BUSIEST + 0.5})")


DRAWN_OUT = {
    "by nothing, where its own had them": (lambda: Others(time.monotonic(), True), 1),
    "a little, where it has others": (lambda: Others(0.0, True), BUSIEST),
    "long, but not for ever": (lambda: Others(0.0, False), STARVED),
}


@contained
@pytest.mark.parametrize("how", DRAWN_OUT)
def test_who_keeps_them_busy_waits_at_its_own_cost(start, monkeypatch, how):
    others, times = DRAWN_OUT[how]
    given(monkeypatch, time.monotonic, others)
    session = start(seconds=0.05)
    assert ending(session, "while True: pass") == "time"
    assert session.deadline - session.begun == pytest.approx(0.05 * times, abs=0.02)


@contained
def test_beside_forty_processes_an_honest_question_has_its_time(start):
    """What counts is what it computes: half a second of one and a half, on whatever machine."""
    noisy, honest = start(), start()
    said(noisy, NOISE)
    honest.allow(1.5)
    said(honest, WORKS)
    noisy.allow(1)
    assert ending(noisy, "while True: pass") == "time"


@contained
@pytest.mark.parametrize(
    "noise",
    [NOISE, NOISE.replace("os.setsid()", "os.nice(-5) if os.getpid() % 2 else 0")],
    ids=["sessions", "niceness"],
)
def test_many_processes_weigh_as_one(start, noise):
    """Weight falls by a quarter with each step of niceness."""
    session = start()
    said(session, noise)
    proc = os.open("/proc", os.O_RDONLY)
    while True:  # until its keeper has looked
        found = seen.family(session.process.host_pid, proc)
        if sum(watch.STEP**-each.nice for each in found.values()) <= 1.2:
            break
        time.sleep(0.05)
    os.close(proc)
    assert len(found) == 41


@contained
def test_threads_are_as_light_as_processes(start):
    session = start()
    said(session, THREADS)
    path = Path(f"/proc/{session.process.host_pid}/task")
    while True:  # until its keeper has looked
        nice = [
            int(t.joinpath("stat").read_text().split(")")[1].split()[16]) for t in path.iterdir()
        ]
        if min(nice) >= 6:
            break
        time.sleep(0.05)
    assert len(nice) == 5


THREADS = """
import threading

import numpy as np

a = np.ones((400, 400))


def multiply():
    while True:
        a @ a  # without the interpreter's lock


for _ in range(4):
    threading.Thread(target=multiply, daemon=True).start()
"""


@contained
def test_others_are_seen_from_outside(start):
    session = start()
    assert not session.process.others.some
    before = session.process.others.seconds
    said(session, "import os, time\nif os.fork() == 0:\n    while True: pass\ntime.sleep(0.5)")
    assert session.process.others.some
    said(session, WORKS)
    assert session.process.others.seconds > before
