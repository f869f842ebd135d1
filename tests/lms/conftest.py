"""A class of nobody yet, and its roster."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.classroom import Classroom
from autograder.lms.collect import Collection, Outcome
from autograder.lms.collected import enter
from autograder.lms.roster import Roster
from tests.lms.platforms import GRADEBOOK, LESSON, LESSONS


@pytest.fixture
def room(tmp_path: Path) -> Classroom:
    return Classroom.of(tmp_path / "class" / "submitted")


@pytest.fixture
def roster(tmp_path: Path) -> Roster:
    path = tmp_path / "gradebook.csv"
    path.write_text(GRADEBOOK, encoding="utf-8")
    return Roster.of(path)


@pytest.fixture
def collect(room, tmp_path):
    """Collect downloads as the command does, and what became of it."""
    count = iter(range(1000))

    def run(*sources: Path, roster: Roster | None = None, **more) -> Outcome:
        one = Collection(room, more.pop("lesson", LESSON), roster, LESSONS, **more)
        for source in sources:
            aside = tmp_path / f"aside-{next(count)}"
            aside.mkdir()
            one.take(source, aside)
        if not one.dry_run:
            enter(room, one.lesson, one.outcome.entries)
        return one.finish()

    return run
