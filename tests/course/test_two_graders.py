"""Two graders of one class: one waits for the other, and nothing is graded twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import PART, class_secret
from benchmarks.classes import EXERCISES, LESSON, small_class
from benchmarks.kills import doubled, orphans
from tests.conftest import contained
from tests.course.troubled import MAIN, Disk, records, state

# --- Two graders ----------------------------------------------------------------------------------


STUCK = """
import time
from autograder import runner
run = runner.run_local
runner.run_local = lambda *all: (time.sleep(k * 1000) or done for k, done in enumerate(run(*all)))
"""
"""A grader that sleeps after the first notebook."""


def start(folder: Path, *more: str, before: str = "") -> subprocess.Popen:
    """`autograder grade` as an instructor types it."""
    return subprocess.Popen(
        [sys.executable, "-c", before + MAIN, "grade", *more],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@contained
def test_two_graders_of_a_fresh_class_both_end_well(tmp_path):
    classroom, expected = small_class(tmp_path, 4)
    both = [start(tmp_path, "--jobs", "1") for _ in range(2)]
    told = [grader.communicate(timeout=300)[1] for grader in both]
    assert [grader.returncode for grader in both] == [0, 0], told
    assert {r["student"]: r["points"] for r in records(classroom)} == expected
    assert doubled(classroom) == 0
    assert len(state(classroom)["points"]) == 4 * (len(EXERCISES) + 1)


@contained
def test_a_grader_waits_for_another_and_goes_on_when_that_is_killed(tmp_path):
    classroom, expected = small_class(tmp_path, 3)
    first = start(tmp_path, "--jobs", "1", before=STUCK)
    assert first.stdout
    assert "[1/3" in first.stdout.readline()
    second = start(tmp_path, "--jobs", "1", "--resume")
    line = second.stderr.readline() if second.stderr else ""
    assert f"another grader is at work on this class (process {first.pid} on " in line
    (classroom.feedback / "student-00002" / LESSON).mkdir(parents=True, exist_ok=True)
    (classroom.feedback / "student-00002" / LESSON / f".left{PART}").write_text("<p>ha")
    first.kill()
    first.communicate()
    told = second.communicate(timeout=300)[1]
    assert second.returncode == 0, told
    assert {r["student"]: r["points"] for r in records(classroom)} == expected
    state(classroom)
    assert doubled(classroom) == 0
    assert not orphans()


def test_the_secret_is_whole_or_not_there(tmp_path, monkeypatch):
    with Disk(1).watched(), pytest.raises(OSError, match="No space"):
        class_secret(tmp_path)
    assert not list(tmp_path.iterdir())
    (tmp_path / ".secret").write_text("")  # as a kill once left it
    secret = class_secret(tmp_path)
    assert len(secret) == 32
    assert class_secret(tmp_path) == secret
    assert (tmp_path / ".secret").stat().st_mode & 0o777 == 0o600
