"""What confines a submission's processes: what they see, call, hold, share and weigh."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from autograder.grading.pool import helpers_folder
from autograder.sandbox import container as outside
from autograder.sandbox import seccomp, seen, shown, watch
from autograder.sandbox.cage import Bounds
from autograder.sandbox.container import Container, NotContained, Process, Warmth, check
from autograder.sandbox.seen import Others
from autograder.sandbox.session import BUSIEST, STARVED, Session, Stopped
from autograder.sandbox.watch import Watch
from tests.conftest import contained

SMALL = Bounds(together=300 << 20)


@pytest.fixture(scope="module")
def container():
    with Container(Warmth((helpers_folder(),))) as made:
        yield made


@pytest.fixture
def start(container):
    """Starts sessions, and ends them."""
    made: list[Session] = []

    def begin(bounds: Bounds = Bounds(), seconds: float = 60) -> Session:  # noqa: B008
        made.append(Session(container.fork(bounds)))
        made[-1].allow(seconds)
        return made[-1]

    yield begin
    for session in made:
        session.close()


def said(session: Session, source: str) -> str:
    """What a cell prints; it must run to its end."""
    outputs: list[dict] = []
    ran = session.run(source, outputs.append)
    text = "".join(o.get("text", "") or o.get("evalue", "") for o in outputs)
    assert ran, text
    return text


def ending(session: Session, source: str) -> str:
    with pytest.raises(Stopped) as stop:
        session.run(source, lambda output: None)
    return stop.value.reason


# --- What is shown --------------------------------------------------------------------------------

CANARY = "canary = 'of the bank'\n"


def distribution(folder: Path, name: str, *files: str, record: bool = True, **extra: str) -> None:
    """Install a distribution of these files. extra: more of its metadata."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(CANARY)
    if record:
        (info / "RECORD").write_text("".join(f"{f},,\n" for f in (*files, f"{info.name}/RECORD")))
    for key, text in extra.items():
        (info / key.replace("_json", ".json").replace("_txt", ".txt")).write_text(text)


def test_of_a_package_folder_what_distributions_record_is_shown(tmp_path):
    compiled = "__pycache__/single.cpython-311.pyc"
    distribution(tmp_path, "plain", "plain/__init__.py", "single.py", compiled, "plain.pth")
    distribution(tmp_path, "old", "older.py", record=False, top_level_txt="older\n")
    distribution(tmp_path, "oldest", "oldest/__init__.py", record=False)
    (tmp_path / "stray.py").write_text(CANARY)
    (tmp_path / "__pycache__" / "stray.cpython-311.pyc").write_text(CANARY)
    infos = {"plain-1.0.dist-info", "old-1.0.dist-info", "oldest-1.0.dist-info"}
    names = {"plain", "single.py", compiled, "older.py", "oldest"}
    assert set(shown.packages([tmp_path])) == infos | names


def test_the_first_folder_that_has_a_distribution_gives_it(tmp_path):
    distribution(tmp_path / "first", "one", "one/__init__.py")
    distribution(tmp_path / "second", "one", "one/__init__.py", "two/__init__.py")
    found = shown.packages([tmp_path / "first", tmp_path / "second"])
    assert found["one"] == tmp_path / "first" / "one"
    assert "two" not in found


BANKS = {
    "as a package": lambda f: distribution(f, "downhill", "autograder/bank.py", "helpers/h.py"),
    "under another name": lambda f: distribution(f, "course", "other.py", "autograder/bank.py"),
    "without a record": lambda f: distribution(
        f, "downhill", "autograder/bank.py", record=False, top_level_txt="autograder\nhelpers\n"
    ),
    "beside what others record": lambda f: (f / "autograder").mkdir(),
    "editable": lambda f: distribution(
        f, "downhill", "finder.py", "d.pth", direct_url_json='{"dir_info": {"editable": true}}'
    ),
    "by a link": lambda f: (f / "downhill.egg-link").write_text("elsewhere\n"),
    "by a path": lambda f: (f / "course.pth").write_text("elsewhere\n"),
}


@pytest.mark.parametrize("way", BANKS)
def test_the_bank_is_not_shown_however_it_is_installed(tmp_path, way):
    distribution(tmp_path, "plain", "plain.py")
    BANKS[way](tmp_path)
    assert set(shown.packages([tmp_path])) == {"plain.py", "plain-1.0.dist-info"}


@contained
def test_an_installed_bank_is_not_in_the_container(tmp_path, monkeypatch):
    """Beside the packages that are; and nothing of the checkout is, nor of other folders."""
    folder = tmp_path / "lib" / "python3.11" / "site-packages"
    distribution(folder, "downhill", "autograder/__init__.py", "autograder/exercises/bank.py")
    distribution(folder, "mine", "mine.py")
    (folder / "checkout.pth").write_text(str(Path(shown.__file__).parents[2]))
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    warmth = Warmth((helpers_folder(),))
    check(warmth)
    with Container(warmth) as made:
        session = Session(made.fork())
        session.allow(60)
        found = said(session, LOOK_AROUND)
        session.close()
    top, seen, imported = json.loads(found)
    assert set(top) <= {
        "bin", "sbin", "lib", "lib32", "lib64", "usr", "etc", "dev", "proc", "tmp",  # the system
        "course", "packages", *(place.parts[1] for place in shown.pythons_own()),
    }  # fmt: skip
    assert seen == []
    assert imported == ["mine"]


LOOK_AROUND = """
import importlib.util, json, os

seen = []
for folder, folders, files in os.walk("/"):
    if folder == "/":
        folders.remove("dev")
    for name in (*folders, *files):
        if name in ("autograder", "bank.py", "derivatives.py") or "downhill" in name:
            seen.append(os.path.join(folder, name))
names = ("autograder", "mine", "nothing")
imported = [name for name in names if importlib.util.find_spec(name)]
print(json.dumps([os.listdir("/"), seen, imported]))
"""


@contained
def test_a_container_that_shows_the_bank_does_not_start(tmp_path):
    (tmp_path / "autograder").mkdir()
    (tmp_path / "autograder" / "__init__.py").write_text("")
    warmth = Warmth((helpers_folder(), tmp_path / "autograder"))
    with pytest.raises(NotContained, match="the exercise bank can be imported"):
        check(warmth)
    with Container(warmth) as made, pytest.raises(NotContained, match="can be imported"):
        made.ready()


@pytest.mark.parametrize("place", ["/usr/share/downhill", "/usr/lib/python3/dist-packages"])
def test_a_course_among_the_systems_own_files_is_refused(monkeypatch, place):
    monkeypatch.setattr(shown, "__file__", f"{place}/autograder/sandbox/shown.py")
    monkeypatch.setattr(shown, "package_folders", lambda path: [Path(place)])
    with pytest.raises(shown.BankShown, match=place):
        shown.everything([], [place])


# --- What can be called ---------------------------------------------------------------------------

CALLS = """
import ctypes, errno, fcntl, json, mmap, os, socket

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = libc.mmap.restype = ctypes.c_long
HIGH = 1 << 32


def tried(call, *arguments):
    ctypes.set_errno(0)
    result = getattr(libc, call)(*arguments)
    return errno.errorcode[ctypes.get_errno()] if result == -1 else "done"


def raw(name, *arguments):
    return tried("syscall", NUMBERS[name], *(ctypes.c_ulong(a) for a in arguments))


file, place = os.open("/tmp/f", os.O_RDWR | os.O_CREAT), ctypes.create_string_buffer(b"/tmp/f")
lock, name = ctypes.create_string_buffer(64), ctypes.create_string_buffer(b"user.x")
ends, size = os.pipe(), ctypes.create_string_buffer(b"\\xff\\xff\\xff\\0")
one, other = socket.socketpair()
a = ctypes.addressof
found = {
    "files in memory": raw("memfd_create", a(name), 0),
    "secret files": raw("memfd_secret", 0),
    "segments": raw("shmget", 0, 4096, 0o1600),
    "queues": raw("msgget", 0, 0o1600),
    "semaphores": raw("semget", 0, 1, 0o1600),
    "named queues": raw("mq_open", a(name), 0o102, 0o600, 0),
    "shared memory": raw("mmap", 0, 4096, 3, 0x21, HIGH - 1, 0),
    "shared memory, odd bits": raw("mmap", 0, 4096, 3, 0x21 | 1 << 40, HIGH - 1, 0),
    "own memory": raw("mmap", 0, 4096, 3, 0x22, HIGH - 1, 0),
    "huge pages": raw("mmap", 0, 1 << 21, 3, 0x40022, HIGH - 1, 0),
    "splice": raw("splice", ends[0], 0, ends[1], 0, 1, 0),
    "tee": raw("tee", ends[0], ends[1], 1, 0),
    "vmsplice": raw("vmsplice", ends[1], 0, 0, 0),
    "sendfile": raw("sendfile", ends[1], file, 0, 1),
    "watching files": raw("inotify_init1", 0),
    "epoll": raw("epoll_create1", 0),
    "asynchronous": raw("io_setup", 8, a(lock)),
    "rules of its own": raw("landlock_create_ruleset", 0, 0, 1),
    "filters of its own": raw("seccomp", 1, 8, 0),
    "large pipes": raw("fcntl", ends[1], HIGH | 1031, 1 << 20),
    "leases": raw("fcntl", file, 1024, 0),
    "locks": raw("fcntl", file, HIGH | 6, a(lock)),
    "locks of files": raw("flock", file, 2),
    "attributes": raw("setxattr", a(place), a(name), a(lock), 1, 0),
    "large buffers": raw("setsockopt", one.fileno(), HIGH | 1, HIGH | 7, a(size), 4),
    "filters on sockets": raw("setsockopt", one.fileno(), 1, HIGH | 26, a(size), 16),
    "sessions": raw("setsid"),
    "niceness": raw("setpriority", 0, 0, 19),
    "processors": raw("sched_setaffinity", 0, 8, a(ctypes.create_string_buffer(b"\\1" * 8))),
}
for family in (1, 2, 10, 16, 17, 38, 40, 44, HIGH | 40):
    found[f"family {family}"] = raw("socket", family, 1, 0)
    found[f"pair of {family}"] = raw("socketpair", family, 1, 0, a(lock))
buffer = one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
print(json.dumps([found, buffer, os.getpriority(0, 0), os.getsid(0), len(os.sched_getaffinity(0))]))
"""
ABSENT = (
    "files in memory", "secret files", "segments", "queues", "semaphores", "named queues", "splice",
    "tee", "vmsplice", "sendfile", "watching files", "epoll", "asynchronous", "rules of its own",
    "filters of its own",
)  # fmt: skip
REFUSED = (
    "shared memory", "shared memory, odd bits", "huge pages", "large pipes", "leases",
    "filters on sockets",
)  # fmt: skip
IN_WORD = ("locks", "locks of files", "large buffers", "sessions", "niceness", "processors")


def numbers() -> dict[str, int]:
    """This machine's numbers of the calls that are tried."""
    library = seccomp.ctypes.CDLL("libseccomp.so.2")
    names = set(re.findall(r'raw\("(\w+)"', CALLS))
    found = {name: library.seccomp_syscall_resolve_name(name.encode()) for name in names}
    return {name: seccomp.NEWER.get(name, number) for name, number in found.items()}


@contained
def test_calls_that_hold_memory_or_reach_out_are_refused(start):
    """An int's upper half, which the kernel does not read, hides nothing."""
    before = (os.getpriority(os.PRIO_PROCESS, 0), len(os.sched_getaffinity(0)))
    text = said(start(), f"NUMBERS = {numbers()}\n{CALLS}")
    found, buffer, nice, leader, processors = json.loads(text)
    expected = dict.fromkeys(ABSENT, "ENOSYS") | dict.fromkeys(REFUSED, "EPERM")
    expected |= dict.fromkeys((*IN_WORD, "own memory"), "done") | {"attributes": "ENOTSUP"}
    for name, result in found.items():
        if not name.startswith(("family", "pair")):
            assert result == expected[name], name
    open_ones = {"family 1": "done", "family 2": "done", "family 10": "done", "pair of 1": "done"}
    for name, result in found.items():
        if name.startswith(("family", "pair")) and not name.endswith((" 2", " 10")):
            assert result == open_ones.get(name, "EAFNOSUPPORT"), name
    assert (nice, processors, leader) == (*before, 1)
    assert buffer < 1 << 20


def test_newer_calls_have_the_numbers_that_the_library_knows():
    library = seccomp.ctypes.CDLL("libseccomp.so.2")
    for name, number in seccomp.NEWER.items():
        assert library.seccomp_syscall_resolve_name(name.encode()) in (number, seccomp.UNKNOWN)


HONEST = {
    "processes": "import multiprocessing as mp\nprint(mp.Pool(2).map(abs, [-1, -2]))",
    "a queue": "import multiprocessing as mp\nq = mp.Queue()\n"
    "p = mp.Process(target=q.put, args=([1, 2],))\np.start()\nprint(q.get())\np.join()",
    "shared arrays": "import multiprocessing as mp\nprint(list(mp.Array('i', [1, 2])))",
    "shared memory": "from multiprocessing import shared_memory as s\n"
    "m = s.SharedMemory(create=True, size=10)\nm.buf[0] = 1\nprint([m.buf[0], 2])\nm.unlink()",
    "threads": "from concurrent.futures import ThreadPoolExecutor as T\n"
    "print(list(T(2).map(abs, [-1, -2])))",
    "a program": "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', "
    "'import asyncio, numpy; asyncio.run(asyncio.sleep(0)); print([1, 2])'], "
    "capture_output=True, text=True, start_new_session=True).stdout)",
    "a line of the shell": "n = 2\n!echo [1, {n}]",
    "its output": "x = !echo 1, 2\nprint([int(i) for i in x[0].split(',')])",
    "coroutines": "import asyncio\np = await asyncio.create_subprocess_exec("
    "'echo', '[1, 2]', stdout=-1)\nprint((await p.communicate())[0].decode())",
    "a database": "import sqlite3\nd = sqlite3.connect('d.db')\nd.execute('create table t (a)')\n"
    "d.execute('insert into t values (1), (2)')\nd.commit()\n"
    "print([a for a, in d.execute('select a from t')])",
    "copies": "import shutil\nopen('a', 'w').write('[1, 2]')\nshutil.copytree('.', 'd')\n"
    "shutil.copy2('d/a', 'b')\nprint(open('b').read())",
    "functions for C": "import ctypes\n"
    "print([1, ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda x: x + 1)(1)])",
    "a mapped array": "import numpy as np\nm = np.memmap('m', 'i8', 'w+', shape=2)\nm[:] = 1, 2\n"
    "m.flush()\nprint(np.fromfile('m', 'i8').tolist())",
    "a figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('f.png')\n"
    "plt.close()\nprint([1, 2])",
}


@contained
def test_what_notebooks_use_works(start):
    session = start()
    for tool, source in HONEST.items():
        session.allow(60)
        assert said(session, source).strip() == "[1, 2]", tool


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
    monkeypatch.setattr(Process, "queued", property(lambda self: queued()))
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
