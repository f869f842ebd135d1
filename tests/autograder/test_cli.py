"""What ends a command from outside is said in a sentence."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from autograder.cli import main
from autograder.commands import check
from tests.conftest import ROOT

ENDINGS = {
    OSError(errno.ENOSPC, "No space left on device"):
        "No space left on device: make room to write there, and run it again",
    OSError(errno.EROFS, "Read-only file system", "/report"):
        "/report: Read-only file system: make room to write there",
    NotADirectoryError(errno.ENOTDIR, "Not a directory", "a/b"):
        "a/b: Not a directory: give another place, or move that away",
    FileNotFoundError(errno.ENOENT, "No such file or directory", "a"): "a: No such file or",
}  # fmt: skip


def ends(monkeypatch, error: BaseException) -> None:
    def run(course, options):
        raise error

    monkeypatch.setattr(check, "run", run)
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(("error", "said"), ENDINGS.items())
def test_what_the_system_refuses_is_said_in_a_sentence(monkeypatch, capsys, error, said):
    ends(monkeypatch, error)
    assert main(["check"]) == 1
    assert f"autograder: {said}" in capsys.readouterr().err


def test_an_error_of_no_file_is_not_hidden(monkeypatch):
    ends(monkeypatch, BrokenPipeError(errno.EPIPE, "Broken pipe"))
    with pytest.raises(BrokenPipeError):
        main(["check"])


def test_where_nobody_reads_on_it_ends_in_a_sentence():
    """As in `autograder check | head -1`."""
    told, reads = os.pipe()[::-1]
    os.close(reads)
    code = (
        "import sys; from autograder.cli import main; sys.exit(main(['check', '01-derivatives']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, stdout=told, stderr=subprocess.PIPE, text=True
    )
    os.close(told)
    assert (done.returncode, done.stderr) == (141, SAID)


SAID = "autograder: stopped: nobody reads what it says.\n"


def test_control_c_ends_it_in_a_sentence(monkeypatch, capsys):
    ends(monkeypatch, KeyboardInterrupt())
    assert main(["check"]) == 130
    assert capsys.readouterr().err == "autograder: stopped.\n"


def test_so_does_control_c_while_the_command_is_imported(monkeypatch, capsys):
    def interrupted(name):
        raise KeyboardInterrupt

    monkeypatch.setattr("importlib.import_module", interrupted)
    assert main(["check"]) == 130
    assert capsys.readouterr().err == "autograder: stopped.\n"
