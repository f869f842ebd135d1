"""nbgrader's converters, called from Python with the course's own configuration."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from autograder.course import Course


def configuration(course: Course, **directories: Any) -> Config:
    """`nbgrader_config.py`, with some of `CourseDirectory`'s settings replaced."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()
    for name, value in directories.items():
        config.CourseDirectory[name] = str(value) if isinstance(value, Path) else value
    return config


def quiet() -> None:
    """Leave it to us to say what went wrong: nbgrader logs what it also returns."""
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)


def api(config: Config) -> NbGraderAPI:
    return NbGraderAPI(config=config, coursedir=CourseDirectory(config=config))


def convert(converter: type, config: Config, lesson: str) -> None:
    """Run one of nbgrader's converters on one lesson; it raises where it fails."""
    coursedir = CourseDirectory(config=config)
    coursedir.assignment_id = lesson
    converter(coursedir=coursedir, config=config).start()
