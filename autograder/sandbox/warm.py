"""The warm process: everything slow is imported once, and each submission is a fork of it.

Runs inside the container, as `python -m sandbox.warm DESCRIPTOR`. On the socket of that descriptor
the grader asks for forks, one message each, with two descriptors: the student's end of its pipe,
and one on which the fork's keeper reports how it ended. The warm process never sees a submission.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import random
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import warnings
from typing import Any

import numpy as np

from . import cage, seccomp
from .pipe import Pipe
from .plots import EVERY_KIND
from .shell import Cells, Emit, make_shell
from .shown import refuse_bank
from .student import Desk
from .watch import OUT_OF_MEMORY, Watch

FAULT = 97
"""The exit status of a fork whose sandbox could not be set up."""


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(control.recv(1 << 20))
    if settings["user"] is not None:
        cage.step_down(settings["user"])
    if settings["contained"]:
        refuse_bank()
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")  # where memory runs out, these processes go first
    shell = warm_up(settings["preload"])
    if not settings["told"]:
        load(json.loads(control.recv(1 << 20))["preload"])  # last: it may have waited for it
    settings["size"] = cage.address_space()
    settings["filter"] = filter_of(settings["contained"])
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control.sendall(b"warm")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 2)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            keep(shell, settings, json.loads(message), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def warm_up(preload: list[str]) -> Any:
    """Import, draw one plot and show one error, so that no fork pays for these."""
    made = make_shell()
    selectors.DefaultSelector = selectors.PollSelector  # type: ignore[assignment,misc]  # no epoll
    load(preload)
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        made.emit = lambda output: None
        made.run_cell(EVERY_KIND, silent=False)
        made.run_cell("def f(x):\n    return 1 / x\nf(0)")
        begin(0)
        made.emit = None
        made.reset(new_session=True)
        made.execution_count = 1
    return made


def load(names: list[str]) -> None:
    """Import these, where they are there."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        for name in names:
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def filter_of(contained: bool) -> bytes | None:
    """The system calls' filter; without a container it is there where libseccomp is."""
    try:
        return seccomp.compiled() if sys.platform == "linux" else None
    except cage.CageError:
        if contained:
            raise
        return None


# --- One submission -----------------------------------------------------------------------------


def keep(shell: Any, settings: dict, order: dict, pipe: int, descriptor: int) -> None:
    """The keeper of one fork: starts it, waits for it and says how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    report = socket.socket(fileno=descriptor)
    student, folder = 0, None
    try:
        proc = -1
        if sys.platform == "linux":
            cage.die_with_the_parent()
            proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)  # it has none of its own later
        if settings["contained"]:
            cage.unshare()
        else:
            folder = tempfile.mkdtemp(prefix="sandbox-")
        student = os.fork()
        if student == 0:
            live(shell, settings, order, pipe, report, folder)
        os.close(pipe)
        ended = watched(student, report, proc, cage.Bounds(**order["bounds"]), settings)
    except BaseException as error:
        if student:  # nobody would see to it any more
            os.kill(student, signal.SIGKILL)
        ended = {"status": FAULT, "fault": f"{type(error).__name__}: {error}"}
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        report.sendall(json.dumps(ended).encode() + b"\n")
    os._exit(0)


def watched(
    student: int, report: socket.socket, proc: int, bounds: cage.Bounds, settings: dict
) -> dict[str, Any]:
    """Say that it lives, see to it until it ends, and return what is to be said of that."""
    handles = [os.pidfd_open(student)] if hasattr(os, "pidfd_open") else []
    socket.send_fds(report, [json.dumps({"pid": student}).encode() + b"\n"], handles)
    # A socket takes one more message while there is room, which is as much as it holds.
    buffer = 2 * report.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
    watch = Watch(student, proc, bounds.together, buffer if settings["contained"] else 0)
    if handles:
        watch.until_its_end(handles[0], report)
    return watch.ending(bounds.cpu)


def live(
    shell: Any, settings: dict, order: dict, pipe: int, report: socket.socket, folder: str | None
) -> None:
    """The student's process: confine it, then serve the judge until the pipe closes."""
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        confine(settings, order, folder)
        begin(order["seed"])
        cells, bounds = Cells(shell), cage.Bounds(**order["bounds"])

        def run(source: str, emit: Emit) -> bool:
            cage.limit_files(bounds)  # the course's own files have been put in by now
            return cells.run(source, emit)

        connection = socket.socket(fileno=pipe)
        if settings["filter"]:
            seccomp.install(settings["filter"])
        cage.keep_only([pipe, cells.written])
        report.detach()
        desk = Desk(Pipe(connection), shell.user_ns, run)
        desk.send("ready")
    except BaseException as error:
        with contextlib.suppress(OSError):
            fault = {"status": FAULT, "fault": f"{type(error).__name__}: {error}"}
            report.sendall(json.dumps(fault).encode() + b"\n")
        os._exit(FAULT)
    try:
        desk.serve()
    except MemoryError:  # not even enough to say so
        os._exit(OUT_OF_MEMORY)
    finally:
        os._exit(1)


def confine(settings: dict, order: dict, folder: str | None) -> None:
    os.setsid()  # else `kill(0, ...)` would reach the keeper and the warm process
    bounds = cage.Bounds(**order["bounds"])
    if settings["contained"]:
        cage.mount_private(bounds.disk, settings["kept"])
        private = "/tmp"
    else:
        private = str(folder)
    home, work = os.path.join(private, "home"), os.path.join(private, "work")
    for place in (home, work):
        os.mkdir(place, 0o700)
    os.environ.update(HOME=home, TMPDIR=private, MPLCONFIGDIR=home, IPYTHONDIR=home)
    os.environ.update(PIP_RETRIES="0", PIP_DEFAULT_TIMEOUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    tempfile.tempdir = private
    os.chdir(work)
    sys.path.append("")  # modules of the student's own, behind all others
    alone = settings["contained"] or settings["user"] is not None
    cage.limit(bounds, settings["size"], alone)
    if sys.platform == "linux":
        if settings["contained"]:
            cage.drop_capabilities()
        cage.no_new_privileges()
        cage.landlock(settings["readable"], [private, "/dev/shm", "/dev/null"])


def begin(seed: int) -> None:
    """Every run of a submission starts with the same random state, so that a regrade is equal."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  (the student's code may use it)


if __name__ == "__main__":
    main()
