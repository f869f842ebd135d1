"""A machine that cannot confine students' code: it is said, and nothing is graded or written."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autograder.classroom import Classroom
from autograder.cli import main
from autograder.sandbox import container
from autograder.sandbox.container import NotContained
from benchmarks.classes import small_class
from tests.conftest import contained


@pytest.fixture
def room(tmp_path) -> Classroom:
    return small_class(tmp_path, 2)[0]


def test_without_a_sandbox_it_refuses_and_says_how_to_go_on(room, monkeypatch, capsys):
    monkeypatch.chdir(room.folder)
    monkeypatch.setattr("shutil.which", lambda name, *args, **kwargs: None)
    assert main(["grade"]) == 1
    told = capsys.readouterr().err
    assert "cannot be confined on this machine, so nothing was graded" in told
    assert "--uncontained" in told
    assert not room.release.exists(), "something was written"


def test_a_kernel_that_refuses_a_step_is_named(monkeypatch):
    refuses = "import sys; sys.exit('unshare: Operation not permitted')"
    monkeypatch.setattr(container, "bubblewrap", lambda _: [sys.executable, "-c", refuses])
    with pytest.raises(NotContained, match="unshare: Operation not permitted"):
        container.check(container.Warmth())


@contained
def test_where_a_step_is_refused_nothing_is_written_and_nothing_goes_on(room, monkeypatch, capsys):
    """The sandbox has begun to warm up by then."""
    begun = []

    def refused(self, warmth):
        refuses = "import sys; sys.exit('unshare: Operation not permitted')"
        self.last = ""
        self.process = subprocess.Popen([sys.executable, "-c", refuses], stderr=subprocess.PIPE)
        begun.append(self.process)

    def told(self, what, say=container.Container._say):
        begun.append(self.process)
        say(self, what)

    monkeypatch.setattr(container.Trial, "__init__", refused)
    monkeypatch.setattr(container.Container, "_say", told)
    monkeypatch.chdir(room.folder)
    assert main(["grade"]) == 1
    assert "unshare: Operation not permitted" in capsys.readouterr().err
    assert not room.release.exists(), "something was written"
    assert len(begun) == 2
    assert all(process.returncode is not None for process in begun)
