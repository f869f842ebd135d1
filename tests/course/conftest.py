"""Fixtures of several files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbgrader.api
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from autograder import runner
from autograder.classroom import Classroom
from benchmarks.classes import answered, place, released, small_course
from tests.course.rooms import graded, with_pages
from tests.course.troubled import hurried


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Iterator[Path]:
    """A class of two, graded once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "run_local", with_pages)
        patch.setattr(runner, "check_confinement", lambda: None)
        version = nbgrader.api.get_alembic_version()
        patch.setattr(nbgrader.api, "get_alembic_version", lambda: version)
        event.listen(Engine, "connect", hurried)
        folder = tmp_path_factory.mktemp("gradebook") / "class"
        course = small_course(folder)
        text = json.dumps(answered(released(course), {}))
        for student in ("amy", "bob"):
            place(folder / "submitted", student).write_text(text)
        shutil.rmtree(folder / "blank")
        graded(Classroom.of(folder / "submitted"))
        yield folder
        event.remove(Engine, "connect", hurried)


@pytest.fixture
def room(begun, tmp_path) -> Classroom:
    shutil.copytree(begun, tmp_path / "class")
    return Classroom.of(tmp_path / "class" / "submitted")
