"""Formgrader's buttons grade into the gradebook that Formgrader shows."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.grading import buttons


def pressed(monkeypatch, root: Path, db_url: str) -> list[str]:
    """The command that a button runs."""
    ran: list[list[str]] = []

    def run(command: list[str], **options) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        return subprocess.CompletedProcess(command, 0, "graded")

    monkeypatch.setattr(buttons.subprocess, "run", run)
    folders = SimpleNamespace(root=str(root), submitted_directory="submitted", db_url=db_url)
    said = buttons.autograde(SimpleNamespace(coursedir=folders), "01-small", "amy")
    assert said == {"success": True, "log": "graded", "error": ""}
    return ran[0]


def test_the_gradebook_beside_what_was_submitted_is_the_usual_one(tmp_path, monkeypatch):
    command = pressed(monkeypatch, tmp_path, f"sqlite:///{tmp_path / 'gradebook.db'}")
    assert not any(option.startswith("--db") for option in command)
    assert f"--submitted={tmp_path / 'submitted'}" in command
    assert "--student=amy" in command


@pytest.mark.parametrize("db_url", ["sqlite:////srv/other.db", "postgresql://me@host/grades"])
def test_another_gradebook_is_named(tmp_path, monkeypatch, db_url):
    assert f"--db={db_url}" in pressed(monkeypatch, tmp_path, db_url)
