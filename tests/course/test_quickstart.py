"""Another course, which has no bank, is graded too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.cli import main
from tests.conftest import contained

pytestmark = contained


def nbgrader(folder: Path, *arguments: str) -> None:
    """One of nbgrader's own commands."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    paths = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, env=os.environ | paths
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory) -> Path:
    """nbgrader's own example course, with the submissions of its documentation and one of ours."""
    import nbgrader as package

    folder = tmp_path_factory.mktemp("quickstart")
    nbgrader(folder, "quickstart", "course101")
    course = folder / "course101"
    docs = Path(package.__file__).parent / "docs" / "source" / "user_guide"
    shutil.copytree(docs / "submitted", course / "submitted")
    mine = course / "submitted" / "solver" / "ps1"
    shutil.copytree(docs / "submitted" / "hacker" / "ps1", mine)
    for name in ("problem1", "problem2"):  # the teacher's own solutions, as a student's
        source = nbformat.read(course / "source" / "ps1" / f"{name}.ipynb", 4)
        nbformat.write(source, mine / f"{name}.ipynb")
    return course


def test_any_nbgrader_course_gets_nbgraders_own_points(quickstart, monkeypatch, capsys):
    own = quickstart.parent / "own"
    shutil.copytree(quickstart, own)
    nbgrader(own, "generate_assignment", "ps1")
    nbgrader(own, "autograde", "ps1")
    monkeypatch.chdir(quickstart)
    assert main(["grade", "--jobs", "2"]) == 0
    assert "not proof against tampering" in capsys.readouterr().err
    for student in ("bitdiddle", "hacker", "solver"):
        assert scores(quickstart, student) == scores(own, student)
    assert scores(quickstart, "solver")["correct_squares"] == 1
    for page in quickstart.glob("feedback/*/*/*.html"):
        assert "BEGIN HIDDEN" not in page.read_text()


def scores(course: Path, student: str) -> dict:
    """Automatic points of every graded cell, and whether a person is to look at it."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "course101") as book:
        submission = book.find_submission("ps1", student)
        return {
            grade.name: grade.auto_score
            for notebook in submission.notebooks
            for grade in notebook.grades
        } | {
            f"{grade.name} by hand": grade.needs_manual_grade
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
