"""A JupyterHub as `docs/jupyterhub.md` sets it up, in accounts that are gone afterwards."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.browser.jupyter import answers, wait_for
from tests.conftest import ROOT
from tests.hub.recipe import Block, Shell, blocks, settings

TEACHER, AMY, BOB = "downhill-teacher", "downhill-amy", "downhill-bob"
GROUP = "downhill"
ENVIRONMENT = ROOT / ".venv-hub"
"""Kept, because it takes minutes to make."""


@dataclass(frozen=True)
class Hub:
    """A hub that runs at `address`; every account has the one password."""

    address: str
    password: str
    shell: Shell
    log: Path

    @property
    def course(self) -> Path:
        return Path(self.shell.values["COURSE"])

    def home(self, name: str) -> Path:
        return Path(pwd.getpwnam(name).pw_dir)

    def teacher(self, what: str) -> str:
        """What the teacher's block of this name says when it is run."""
        (block,) = [each for each in blocks() if (each.who, each.what) == ("teacher", what)]
        return self.shell.run(TEACHER, block.text, self.log)

    def as_student(self, name: str, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.home(name),
            env=self.shell.environment(name),
            user=name,
            group=name,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )


@contextlib.contextmanager
def running(log: Path) -> Iterator[Hub]:
    """Everything that the page sets up, in its order; nothing is left but the environment."""
    place = Path(tempfile.mkdtemp(prefix="downhill-hub-"))
    place.chmod(0o755)
    values = {
        "HUB": str(ENVIRONMENT),
        "EXCHANGE": str(place / "exchange"),
        "TEACHER": TEACHER,
        "STUDENTS": f"{AMY} {BOB}",
        "COURSE": f"/home/{TEACHER}/downhill",
    }
    assert values.keys() == settings(), "the page sets other names than this test"
    shell = Shell(values)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, place, ignore_errors=True)
        stack.enter_context(no_accounts())
        password = secrets.token_urlsafe(12)
        for block in setting_up():
            if block.who == "teacher" and not Path(values["COURSE"]).exists():
                give_passwords(password)
                unpack_course(Path(values["COURSE"]))
            shell.run(shell.name(block.who), block.text, log)
        yield stack.enter_context(started(shell, password, log))


def setting_up() -> list[Block]:
    """The blocks before a lesson begins; those after it say what they are for."""
    return [block for block in blocks() if block.who != "settings" and not block.what]


@contextlib.contextmanager
def started(shell: Shell, password: str, log: Path) -> Iterator[Hub]:
    (block,) = [each for each in blocks() if each.who == "root" and each.what]
    port, proxy, inner = free_ports(3)
    address = f"http://127.0.0.1:{port}"
    options = (
        f" --JupyterHub.bind_url={address} --JupyterHub.hub_port={inner}"
        f" --ConfigurableHTTPProxy.api_url=http://127.0.0.1:{proxy}"
    )
    state = ENVIRONMENT / "hub"
    for name in ("jupyterhub.sqlite", "cookie_secret", "proxy.pid"):
        (state / name).unlink(missing_ok=True)  # of an earlier hub, with other accounts
    process = shell.start("root", block.text.rstrip() + options, log.with_name("hub-server.log"))
    try:
        wait_for(lambda: answers(f"{address}/hub/login"), 120, "the hub to start")
        yield Hub(address, password, shell, log)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=60)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in taken:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in taken]


# --- Accounts


@contextlib.contextmanager
def no_accounts() -> Iterator[None]:
    """None of ours before, and none after; an account that was there is nobody's to remove."""
    there = [name for name in (TEACHER, AMY, BOB) if known(name)]
    assert not there, f"there are accounts {', '.join(there)}: remove them (userdel --remove NAME)"
    had_group = any(group.gr_name == GROUP for group in grp.getgrall())
    try:
        yield
    finally:
        for name in filter(known, (TEACHER, AMY, BOB)):
            end_processes(pwd.getpwnam(name).pw_uid)
            subprocess.run(["userdel", "--remove", name], check=True, capture_output=True)
        if not had_group:
            subprocess.run(["groupdel", GROUP], check=False, capture_output=True)


def known(name: str) -> bool:
    return any(account.pw_name == name for account in pwd.getpwall())


def end_processes(uid: int) -> None:
    """What still runs as an account of ours."""
    for _ in range(50):
        mine = [
            int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and runs_as(p, uid)
        ]
        if not mine:
            return
        for process in mine:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.1)


def runs_as(process: Path, uid: int) -> bool:
    try:
        return process.stat().st_uid == uid
    except FileNotFoundError:
        return False


def give_passwords(password: str) -> None:
    lines = "".join(f"{name}:{password}\n" for name in (TEACHER, AMY, BOB))
    subprocess.run(["chpasswd"], input=lines, text=True, check=True)


def unpack_course(folder: Path) -> None:
    """What git would give the teacher, with what is not committed yet."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout.split(b"\0")
    account = pwd.getpwnam(TEACHER)
    for name in filter(None, map(os.fsdecode, names)):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid)
