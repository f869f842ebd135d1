"""nbgrader's converters, called from Python with the course's own configuration."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import nbgrader.api
import nbgrader.dbutil
from alembic.script import ScriptDirectory
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log, temp_attrs
from sqlalchemy.exc import SAWarning
from traitlets.config import Config, PyFileConfigLoader

from autograder.course import Course, CourseError

# nbgrader 0.9 was written for an older SQLAlchemy, which warns of how it builds its objects.
warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")


def newest_version() -> str:
    """The version of a new gradebook: what nbgrader starts a program to ask, for seconds each."""
    script = ScriptDirectory(nbgrader.dbutil.ALEMBIC_DIR)
    return str(script.get_current_head())


nbgrader.api.get_alembic_version = newest_version

# nbgrader starts `alembic` by its bare name, which fails where the environment is not activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

REFUSED = re.compile(
    r"^ *(?:\w+\.)*(?:OSError|PermissionError|OperationalError|DatabaseError): (.*)$", re.M
)
"""In nbgrader's log: the disk or the database is at fault, and not what was to be converted."""
OLDER = re.compile(r"no such column|column .* does not exist")
"""What a database says of a gradebook that an older nbgrader has made."""


def configuration(course: Course, **directories: Any) -> Config:
    """`nbgrader_config.py`, with some of `CourseDirectory`'s settings replaced."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()
    config.CourseDirectory.setdefault("root", str(course.root))
    for name, value in directories.items():
        config.CourseDirectory[name] = str(value) if isinstance(value, Path) else value
    return config


def convert(converter: type, config: Config, lesson: str, student: str | None = None) -> None:
    """Run one of nbgrader's converters on a lesson, or on one student's work on it.

    Raises `CourseError` where it fails: with nbgrader's own log, or in one sentence where the disk
    or the database is at fault.
    """
    api = NbGraderAPI(config=config, coursedir=CourseDirectory(config=config))
    chosen = {"assignment_id": lesson} | ({"student_id": student} if student else {})
    # A course may name files by their path from its own folder, as a header to be put in.
    with temp_attrs(api.coursedir, **chosen), contextlib.chdir(config.CourseDirectory["root"]):
        app = converter(coursedir=api.coursedir, parent=api)
        app.force = True
        outcome = capture_log(app)
    if not outcome["success"]:
        log = outcome.get("log") or outcome.get("error") or "no reason given"
        failed = f"nbgrader's {converter.__name__} failed on {lesson}:"
        refused = REFUSED.findall(log)
        text = f" {advised(refused[-1])}" if refused else f"\n{log.strip()}"
        raise CourseError(failed + text)


def advised(cause: str) -> str:
    """What a database says, and what to do where only the gradebook's age is at fault."""
    older = "; an older nbgrader made it: keep a copy, and run `nbgrader db upgrade`"
    return cause + older if OLDER.search(cause) else cause
