"""The types of both packages hold."""

import subprocess
import sys

from tests.conftest import ROOT


def test_mypy_finds_nothing(tmp_path):
    """A test beside others, not a step before them, in which all processors but one would wait."""
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
