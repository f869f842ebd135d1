"""What confines a submission's processes: what they see, call, hold, share and weigh."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

from autograder.grading import pool
from autograder.grading.pool import Crew
from autograder.sandbox import seccomp, shown
from autograder.sandbox.container import Container, NotContained, Warmth, check, helpers_folder
from autograder.sandbox.session import Session
from tests.autograder.caged import said
from tests.conftest import contained


@contained
def test_a_sandbox_that_was_begun_serves_once_and_the_next_orders_have_their_own(monkeypatch):
    """A class may be graded in two goes: what was handed in, and earlier attempts."""
    begun = Container(Warmth((helpers_folder(),)), told=False)
    crew = Crew({}, (), True, "", begun=begun)

    def forks(*_):
        yield crew.lent is begun, crew.lent.fork().end().fault

    monkeypatch.setattr(pool, "run_all", forks)
    assert list(pool.run_local(crew, [], 1)) == [(True, "")]
    assert list(pool.run_local(crew, [], 1)) == [(False, "")]


@contained
def test_what_the_sandbox_is_told_later_is_imported_before_any_fork():
    with Container(Warmth((helpers_folder(),)), told=False) as begun:
        begun.tell(("colorsys",))
        session = Session(begun.fork())
        session.allow(60)
        assert (
            said(session, "import sys; print({'colorsys', 'helpers'} <= set(sys.modules))")
            == "True\n"
        )
        session.close()


@contained
def test_a_trial_says_the_same_each_time_and_leaves_nothing(monkeypatch):
    with Container(Warmth((helpers_folder(),)), told=False) as begun:
        begun.check()
        begun.check()
        monkeypatch.setattr("autograder.sandbox.container.python", lambda: "/usr/bin/false")
        begun.begin_trial()
        for _ in range(2):
            with pytest.raises(NotContained, match="rehearsal"):
                begun.check()


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
