"""A class of nobody yet, and its roster."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.classroom import Classroom
from autograder.lms.roster import Roster
from tests.lms.platforms import GRADEBOOK


@pytest.fixture
def room(tmp_path: Path) -> Classroom:
    return Classroom.of(tmp_path / "class" / "submitted")


@pytest.fixture
def roster(tmp_path: Path) -> Roster:
    path = tmp_path / "gradebook.csv"
    path.write_text(GRADEBOOK, encoding="utf-8")
    return Roster.of(path)
