"""The grader's side of the container: starts the warm process, asks it for forks, ends them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox.cage import Bounds
from autograder.sandbox.process import Process, SandboxError
from autograder.sandbox.shown import (
    COURSE,
    PACKAGES,
    BankShown,
    everything,
    package_folders,
    python,
    pythons_own,
)

HERE = Path(__file__).parent
NOBODY = 65534
"""Whom the warm process becomes where the grader is root: limits do not bind root."""
SLOWEST_START = 120
"""Seconds for the warm process to import everything."""

ALWAYS = ("numpy.random", "numpy.linalg", "numpy.fft", "matplotlib.pyplot", "IPython", "ipywidgets")


class NotContained(SandboxError):
    """This machine cannot confine a process as it must be; the message says why."""


@dataclass(frozen=True)
class Warmth:
    """What the warm process is made of.

    folders: packages that a notebook may import, such as the course's helpers.
    preload: modules to import before any fork. user: whom an uncontained one becomes, which takes
    root; by itself it stays who the grader is.
    """

    folders: tuple[Path, ...] = ()
    preload: tuple[str, ...] = ()
    contained: bool = True
    user: int | None = None


def helpers_folder() -> Path:
    import helpers

    return Path(helpers.__file__).parent


def questions(helpers: Path) -> list[str]:
    """The modules of the questions, whose objects go to an answer: a student's process may have no
    way any more to read a file when the first one comes.
    """
    found = sorted((helpers / "questions").rglob("[!_]*.py"))
    return [".".join(p.relative_to(helpers.parent).with_suffix("").parts) for p in found]


class Container:
    """One warm process, in a container of its own, and the forks that it makes.

    It may be lent: processes forked from the one that made it can ask it for forks too, once it is
    `ready`, and only the one that made it stops it.
    told: all that it is to import; else `tell` says later what it is besides.
    """

    def __init__(self, warmth: Warmth, told: bool = True):
        if not hasattr(os, "fork"):
            raise NotContained("the grader forks its processes; under Windows, run it in WSL")
        if warmth.user is not None and os.getuid() != 0:
            raise NotContained("only root can run students' code as another user")
        self.warmth = warmth
        self.owner = os.getpid()
        self.warm = False
        self.trial: Trial | None = None
        kind = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_STREAM
        self.control, inner = socket.socketpair(type=kind)
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as the container)
        self.home = None if warmth.contained else tempfile.TemporaryDirectory(prefix="warm-")
        with inner:
            command, environment = self._command(inner.fileno())
            try:
                self.process = subprocess.Popen(
                    command,
                    env=environment,
                    pass_fds=[inner.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=self.errors,
                    stderr=self.errors,
                )
            except OSError as error:
                raise NotContained(f"{command[0]} does not start: {error}") from error
        folders = [name for folder in warmth.folders for name in (folder.name, *questions(folder))]
        preload = [*ALWAYS, *folders, *warmth.preload]
        self._say(self._settings() | {"preload": preload, "told": told})

    def tell(self, preload: tuple[str, ...]) -> None:
        """What it is to import besides what it was told at first."""
        self._say({"preload": preload})

    def _say(self, what: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # where it is gone already, `ready` says why
            self.control.sendall(json.dumps(what).encode())

    def begin_trial(self) -> None:
        """Begin to find out whether this machine can confine a process, which `check` tells."""
        self.trial = Trial(self.warmth)

    def check(self) -> None:
        """Raise `NotContained` where the kernel refuses a step."""
        self.trial = self.trial or Trial(self.warmth)
        self.trial.end()

    def _command(self, descriptor: int) -> tuple[list[str], dict[str, str]]:
        inner = ["-m", "sandbox.warm", str(descriptor)]
        if self.warmth.contained:
            return [*bubblewrap(self.warmth), python(), *inner], {}
        assert self.home is not None
        copy = Path(self.home.name, "course")
        for folder in (HERE, *self.warmth.folders):  # alone, without what lies beside them
            shutil.copytree(folder, copy / folder.name)
        if self.warmth.user is not None:
            os.chown(self.home.name, self.warmth.user, self.warmth.user)
        return [sys.executable, *inner], environment(str(copy), self.home.name)

    def _settings(self) -> dict[str, Any]:
        return {
            "contained": self.warmth.contained,
            "user": self._becomes(),
            "kept": [str(place) for place in pythons_own() if place.is_relative_to("/tmp")],
            "readable": ["/"] if self.home is None else readable(self.home.name),
        }

    def _becomes(self) -> int | None:
        if self.warmth.contained:
            return NOBODY if os.getuid() == 0 else None
        return self.warmth.user

    def ready(self) -> None:
        """Wait until it is warm. Raises `NotContained` where it does not start."""
        if self.warm:
            return
        self.control.settimeout(SLOWEST_START)
        try:
            answer = self.control.recv(16)
        except OSError:
            answer = b""
        if answer != b"warm":
            self.stop()
            raise NotContained(f"the warm process does not start:\n{self._last_words()}")
        self.warm = True

    def _last_words(self) -> str:
        self.errors.seek(0)
        return self.errors.read()[-2000:].decode("utf-8", "replace").strip()

    def fork(self, bounds: Bounds = Bounds(), seed: int = 0) -> Process:  # noqa: B008
        """A fresh fork, confined and ready. Raises `SandboxError` where there is none."""
        self.ready()
        ours, theirs = socket.socketpair()
        watch, report = socket.socketpair()
        order = json.dumps({"bounds": asdict(bounds), "seed": seed}).encode()
        try:
            socket.send_fds(self.control, [order], [theirs.fileno(), report.fileno()])
        except OSError as error:
            raise SandboxError(f"the warm process is gone: {self._last_words()}") from error
        finally:
            theirs.close()
            report.close()
        return Process(ours, watch, self.warmth.contained)

    def stop(self) -> None:
        self.control.close()
        if os.getpid() != self.owner:
            return
        if self.trial is not None:
            self.trial.stop()
        self.process.kill()
        self.process.wait()
        if self.home is not None:
            self.home.cleanup()

    def __enter__(self) -> Container:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


# --- The container's outside --------------------------------------------------------------------


class Trial:
    """Every step that a kernel may refuse, in a container of its own; nothing is imported there."""

    def __init__(self, warmth: Warmth):
        user = [str(NOBODY)] if os.getuid() == 0 else []
        command = [*bubblewrap(warmth), python(), "-m", "sandbox.rehearsal", *user]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self.last = ""

    def end(self) -> None:
        """Wait for it. Raises `NotContained` where a step was refused."""
        if self.process.returncode is None:
            said = self.process.communicate()[1].decode("utf-8", "replace")
            self.last = said.strip().split("\n")[-1]
        if self.process.returncode:
            why = self.last or self.process.returncode
            raise NotContained(f"the rehearsal of the sandbox failed: {why}")

    def stop(self) -> None:
        with self.process:
            self.process.kill()


def check(warmth: Warmth) -> None:
    """Raise `NotContained` where the kernel refuses a step; quick, as nothing is imported."""
    Trial(warmth).end()


def modules(folder: Path) -> Iterator[str]:
    """Every module of a package."""
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__")


def environment(path: str, home: str) -> dict[str, str]:
    """What the warm process finds in its environment, and nothing of the grader's own."""
    folders = dict.fromkeys(("HOME", "MPLCONFIGDIR", "IPYTHONDIR", "TMPDIR"), home)
    single = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return (
        folders
        | dict.fromkeys(single, "1")
        | {
            "PYTHONPATH": path,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "USER": "student",
            "LOGNAME": "student",
            "NBGRADER_EXECUTION": "autograde",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "MALLOC_ARENA_MAX": "2",  # else each thread reserves 64 MB of its address space
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "JUPYTER_PLATFORM_DIRS": "1",
        }
    )


def readable(home: str) -> list[str]:
    """What an uncontained submission may read, where Landlock is there to hold it to that."""
    system = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/dev", "/proc"]
    packages = [f for f in package_folders(sys.path) if f.name.endswith("-packages")]
    python = {sys.prefix, sys.base_prefix, *map(str, packages)}
    return [*system, *sorted(python), str(Path(home, "course"))]


def bubblewrap(warmth: Warmth) -> list[str]:
    """The command that starts the container, up to what is to run in it."""
    found = shutil.which("bwrap")
    if sys.platform != "linux" or found is None:
        raise NotContained("bubblewrap (`bwrap`) is not installed; it exists for Linux only")
    root = os.getuid() == 0
    command = [found, "--die-with-parent", "--new-session", "--clearenv"]
    command += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net"]
    if root:  # it mounts as root, so that folders of root's own can be shown; then it steps down
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    try:
        command += everything([HERE, *warmth.folders], sys.path)
    except BankShown as error:
        raise NotContained(str(error)) from error
    for name, value in environment(f"{COURSE}:{PACKAGES}", "/tmp").items():
        command += ["--setenv", name, value]
    return [*command, "--chdir", COURSE, "--remount-ro", "/", "--"]
