"""Formgrader's buttons *Autograde* and *Generate feedback* do what `autograder grade` does.

By themselves they run students' code with the instructor's rights, and put nbgrader's pages in the
place of ours. nbgrader has no setting for that, so its two methods are replaced. Its commands
`nbgrader autograde` and `nbgrader generate_feedback` do not use these, and stay as they are.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from nbgrader.apps.api import NbGraderAPI

from autograder.classroom import Classroom
from autograder.grading.database import file_of

MAIN = "import sys; from autograder.cli import main; sys.exit(main())"
WIDTH = "72"
"""Letters in a line of what the buttons show."""


def take_over() -> None:
    """For a course's `nbgrader_config.py`, which Formgrader reads when it starts."""
    NbGraderAPI.autograde = autograde  # type: ignore[method-assign]
    NbGraderAPI.generate_feedback = generate_feedback  # type: ignore[method-assign]


def autograde(
    api: Any, assignment_id: str, student_id: str, force: bool = True, create: bool = True
) -> dict[str, Any]:
    """Grade this student's submission. force, create: as nbgrader calls it; both are always so."""
    return graded(api, assignment_id, student_id)


def generate_feedback(
    api: Any, assignment_id: str, student_id: str | None = None, force: bool = True
) -> dict[str, Any]:
    """Bring one student's page up to date, or everybody's; nothing is played again."""
    return graded(api, assignment_id, student_id, "--resume")


def graded(api: Any, assignment: str, student: str | None, *options: str) -> dict[str, Any]:
    """What `autograder grade` says, as Formgrader shows it. It runs in the course's folder."""
    folders = api.coursedir
    command = [sys.executable, "-c", MAIN, "grade", assignment, *options]
    submitted = Path(folders.root, folders.submitted_directory)
    command.append(f"--submitted={submitted}")
    if student is not None:
        command.append(f"--student={student}")
    usual = Classroom.of(submitted).db_url
    if file_of(folders.db_url) != file_of(usual):  # else it lies beside what was submitted
        command.append(f"--db={folders.db_url}")
    ran = subprocess.run(
        command,
        cwd=folders.root,
        env=os.environ | {"COLUMNS": WIDTH},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    failed = "" if ran.returncode == 0 else f"autograder grade ended with {ran.returncode}"
    return {"success": not failed, "log": ran.stdout, "error": failed}
