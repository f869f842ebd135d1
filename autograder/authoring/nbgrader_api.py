"""nbgrader's converters, called from Python with the course's own configuration."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from traceback import extract_tb
from typing import Any

import nbgrader.api
import nbgrader.dbutil
from alembic.script import ScriptDirectory
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearSolutions,
)
from nbgrader.utils import capture_log, temp_attrs
from sqlalchemy import make_url
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets.config import Config, PyFileConfigLoader

from autograder.authoring.built import NotWritten
from autograder.course import Course, CourseError

# nbgrader 0.9 was written for an older SQLAlchemy, which warns of how it builds its objects.
warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")


def scripts() -> ScriptDirectory:
    """nbgrader's own steps from one form of gradebook to the next, the newest first."""
    return ScriptDirectory(nbgrader.dbutil.ALEMBIC_DIR)


def newest_version() -> str:
    """The version of a new gradebook: what nbgrader starts a program to ask, for seconds each."""
    return str(scripts().get_current_head())


nbgrader.api.get_alembic_version = newest_version

# nbgrader starts `alembic` by its bare name, which fails where the environment is not activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

CONFIG = "nbgrader_config.py"

REFUSED = re.compile(
    r"^ *(?:\w+\.)*(?:OSError|PermissionError|OperationalError|DatabaseError): (.*)$", re.M
)
"""In nbgrader's log: the disk or the database is at fault, and not what was to be converted."""
CAUSE = re.compile(r"^(?:\w+\.)*\w+(?:Error|Exception): (.+)$", re.M)
CONVERTED = re.compile(r"Converting notebook (.+)$", re.M)
"""In nbgrader's log: why it failed, the first cause first, and what it was at."""
OLDER = re.compile(r"no such (column|table)|(column|relation) .* does not exist")
"""What a database says of a gradebook that an older nbgrader has made."""

REVISED = re.compile(r"Cannot (?:add or remove cells|modify existing assignment)")
"""In nbgrader's log: a lesson has other cells than when it was first graded."""

NOT_FOLLOWED = {
    "submitted_directory": "what is handed in lies in `submitted/`, or where --submitted says",
    "autograded_directory": "what was played is written beside the submissions, to `autograded/`",
    "feedback_directory": "pages are written beside the submissions, to `feedback/`",
    "student_id_exclude": "whoever has handed in is graded",
}
"""Settings of `CourseDirectory` that are nbgrader's commands' alone, and what is done here."""


class Revised(CourseError):
    """nbgrader changes no lesson's cells in the gradebook once somebody has handed it in."""


class Refused(CourseError):
    """A lesson's source is at fault, and no other lesson is."""


class Folders(CourseDirectory):  # type: ignore[misc]
    """nbgrader's folders, where one of them is called as no pattern may be: `downhill (1)`."""

    def format_path(
        self, nbgrader_step: str, student_id: str, assignment_id: str, escape: bool = False
    ) -> str:
        step = re.escape(nbgrader_step) if escape else nbgrader_step
        return str(super().format_path(step, student_id, assignment_id, escape))


@contextlib.contextmanager
def beside(root: Path) -> Iterator[None]:
    """While modules may be imported that lie beside `nbgrader_config.py`, as nbgrader does."""
    before = list(sys.path)
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path[:] = before


def configuration(course: Course, **directories: Any) -> Config:
    """`nbgrader_config.py`, with some of `CourseDirectory`'s settings replaced.

    As in nbgrader it may name what lies beside it. Raises `CourseError` where it fails.
    """
    try:
        with beside(course.root), warnings.catch_warnings():
            # Of lessons at fault: `checking` tells what matters here.
            warnings.simplefilter("ignore", NotWritten)
            config = PyFileConfigLoader(CONFIG, path=str(course.root)).load_config()
    except CourseError:
        raise
    except Exception as error:
        path = course.root / CONFIG
        lines = [f.lineno for f in extract_tb(error.__traceback__) if f.filename == str(path)]
        line = error.lineno if isinstance(error, SyntaxError) else (*lines, 1)[0]
        said = f"{type(error).__name__}: {error}"
        raise CourseError(f"{path}:{line}: {said}") from error
    config.CourseDirectory.setdefault("root", str(course.root))
    for name, value in directories.items():
        config.CourseDirectory[name] = str(value) if isinstance(value, Path) else value
    return config


def hidden(config: Config | None = None) -> tuple[tuple[str, str], ...]:
    """Between which marks stands what no student is to read: hidden tests, mark schemes of tasks.

    As the course's configuration has them; without one, as nbgrader has.
    """
    tests = ClearHiddenTests(config=config or Config())
    scheme = ClearMarkScheme(config=config or Config())
    return (
        (tests.begin_test_delimeter, tests.end_test_delimeter),
        (scheme.begin_mark_scheme_delimeter, scheme.end_mark_scheme_delimeter),
    )


def own_delimiters(config: Config) -> list[str]:
    """The settings by which a course has other marks around solutions or hidden tests."""
    steps: tuple[Any, ...] = (ClearSolutions, ClearHiddenTests)
    return [
        f"{step.__name__}.{name}"
        for step in steps
        for name, mark in step(config=config).trait_values(config=True).items()
        if name.endswith("_delimeter") and mark != step().trait_values()[name]
    ]


def not_followed(config: Config) -> list[str]:
    """Each setting that would have nbgrader's commands do otherwise than is done here."""
    usual, given = CourseDirectory(), config.CourseDirectory
    return [
        f"CourseDirectory.{name} is not followed: {here}"
        for name, here in NOT_FOLLOWED.items()
        if given.get(name, "") not in ("", getattr(usual, name))
    ]


def late_rule(config: Config) -> AssignLatePenalties:
    """nbgrader's rule for late work as the course sets it, ready to be asked.

    Raises `CourseError` where its plugin cannot be loaded.
    """
    root = Path(config.CourseDirectory["root"])
    try:
        with beside(root):
            found = AssignLatePenalties(config=config)
            found.init_plugin()
    except Exception as error:  # of the instructor's own code, too
        path = root / CONFIG
        named = config.AssignLatePenalties.get("plugin_class", "the rule for late work")
        text = path.read_text(encoding="utf-8").split("\n")
        line = next((i for i, line in enumerate(text, 1) if "plugin_class" in line), 1)
        raise CourseError(
            f"{path}:{line}: {named} cannot be loaded ({error}): it must be a subclass of "
            "nbgrader.plugins.BasePlugin, in a module beside this file or installed"
        ) from error
    return found


def convert(converter: type, config: Config, lesson: str, student: str | None = None) -> None:
    """Run one of nbgrader's converters on a lesson, or on one student's work on it.

    Raises `CourseError` where the disk or the database is at fault, `Refused` where the lesson is,
    and `Revised` where the gradebook must follow the lesson first.
    """
    api = NbGraderAPI(config=config, coursedir=Folders(config=config))
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
        if REVISED.search(log):
            raise Revised(f"{failed} cells were added or removed since it was graded")
        if refused:
            db_url = str(config.CourseDirectory.get("db_url", ""))
            raise CourseError(f"{failed} {advised(refused[-1], db_url)}")
        raise Refused(f"{failed} {reason(log)}")


def reason(log: str) -> str:
    """What nbgrader's log gives as the first cause, and of which notebook; else all of it."""
    causes = CAUSE.findall(log)
    if not causes:
        return log.strip()
    books = [name for name in CONVERTED.findall(log) if name]
    return f"{causes[0].strip().rstrip('.')}" + (f", in {books[-1]}" if books else "")


def advised(cause: str, db_url: str) -> str:
    """What a database says, and what to do where only the gradebook's age is at fault."""
    return f"{cause}; {upgrade(db_url)}" if OLDER.search(cause) else cause


def upgrade(db_url: str) -> str:
    """What to do with a gradebook of an older nbgrader."""
    keeps = "" if db_url.startswith("sqlite") else " on a copy of it"
    command = f"nbgrader db upgrade --db={shown(db_url)}"
    return f"an older nbgrader made it: run `{command}` once{keeps}, and grade again"


def shown(db_url: str) -> str:
    """An address without its password and options."""
    try:
        return make_url(db_url).set(query={}).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "of this address"
