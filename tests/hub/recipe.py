"""`docs/jupyterhub.md` as what it is: commands, and who types them."""

from __future__ import annotations

import os
import pwd
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "jupyterhub.md"
BLOCK = re.compile(r"^```sh\n# (?P<who>\w+)[:,]? ?(?P<what>.*)\n(?P<text>(?:.*\n)*?)```$", re.M)
SETTING = re.compile(r"\b([A-Z]+)=")
SYSTEM = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where an administrator's shell finds programs; a developer's own Python is closed to others."""
OWN = {"HOME", "USER", "LOGNAME", "PATH", "PYTHONPATH", "VIRTUAL_ENV", "CI"}


@dataclass(frozen=True)
class Block:
    """who: `root`, `teacher`, or `settings`. what: the rest of its first line."""

    who: str
    what: str
    text: str


def blocks() -> list[Block]:
    return [Block(**found.groupdict()) for found in BLOCK.finditer(PAGE.read_text("utf-8"))]


def settings() -> set[str]:
    """The names that the page sets."""
    (first,) = [block for block in blocks() if block.who == "settings"]
    return set(SETTING.findall(first.text))


@dataclass(frozen=True)
class Shell:
    """Runs a block as one of these accounts. values: what this page's settings are here."""

    values: dict[str, str]

    def name(self, who: str) -> str:
        return self.values["TEACHER"] if who == "teacher" else who

    def environment(self, name: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key not in OWN}
        own = {"HOME": pwd.getpwnam(name).pw_dir, "USER": name, "LOGNAME": name, "PATH": SYSTEM}
        return kept | own | self.values

    def start(self, name: str, text: str, log: Path) -> subprocess.Popen[bytes]:
        account = pwd.getpwnam(name)
        rights = {} if name == "root" else {"user": account.pw_uid, "group": account.pw_gid}
        return subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=account.pw_dir,
            env=self.environment(name),
            stdin=subprocess.DEVNULL,
            stdout=log.open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
            extra_groups=os.getgrouplist(name, account.pw_gid),
            **rights,
        )

    def run(self, name: str, text: str, log: Path) -> str:
        """What it printed; `AssertionError` with that, where it fails."""
        before = log.stat().st_size if log.exists() else 0
        code = self.start(name, text, log).wait(timeout=1200)
        said = log.read_bytes()[before:].decode("utf-8", "replace")
        assert code == 0, f"{name}:\n{text}\nended with {code}:\n{said[-6000:]}"
        return said
