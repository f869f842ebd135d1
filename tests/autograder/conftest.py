"""Fixtures of several files: what students hand in, and sandboxes that run it."""

import copy
import json
from pathlib import Path

import pytest

from autograder.authoring.built import write_sources
from autograder.grading.envelope import Envelope
from autograder.grading.files import read
from autograder.grading.inbox import NotRead, Submission, submissions
from autograder.grading.submission import rebuild
from autograder.playing import screen
from autograder.sandbox.cage import Bounds
from autograder.sandbox.container import Container, Warmth, helpers_folder
from autograder.sandbox.session import Session
from tests.autograder.handed_in import ANSWER, LESSONS


@pytest.fixture
def submitted(tmp_path) -> Path:
    """A class of one: what else lies there must not cost her."""
    folder = tmp_path / "submitted"
    (folder / "honest" / "01-small").mkdir(parents=True)
    return folder


@pytest.fixture
def taken(submitted, tmp_path):
    """What is taken besides the honest student's, and what is told, archives unpacked."""

    def run() -> tuple[dict[tuple[str, str], Submission], list[NotRead]]:
        aside = tmp_path / "aside"
        aside.mkdir()
        found, unread = submissions(submitted, LESSONS, aside, [*LESSONS, "03-last"])
        return {(s.student, s.lesson): s for s in found if s.student != "honest"}, unread

    return run


@pytest.fixture
def release(small):
    """The small lesson as a student gets it, near enough: the solution emptied."""
    write_sources(small)
    notebook = small.lesson("01").notebook()
    notebook.cells[2].source = "def double(x):\n    raise NotImplementedError"
    return notebook


@pytest.fixture
def submit(release, tmp_path):
    """A function that edits a copy of the release and gives the rebuilt notebook."""

    def run(change):
        notebook = copy.deepcopy(release)
        notebook.cells[2].source = ANSWER
        change(notebook)
        path = tmp_path / "handed-in.ipynb"
        path.write_text(json.dumps(notebook))
        return rebuild(release, Envelope(path.name, read(path)))

    return run


@pytest.fixture(scope="module")
def container():
    with Container(Warmth((helpers_folder(),))) as made:
        yield made


@pytest.fixture
def start(container):
    """Starts sessions, and ends them."""
    made: list[Session] = []

    def begin(bounds: Bounds = Bounds(), seconds: float = 60) -> Session:  # noqa: B008
        made.append(Session(container.fork(bounds)))
        made[-1].allow(seconds)
        return made[-1]

    yield begin
    for session in made:
        session.close()


@pytest.fixture
def session(start):
    return start(Bounds(memory=1 << 29), seconds=20)


@pytest.fixture
def patience(monkeypatch):
    monkeypatch.setattr(screen, "LONGEST_CELL", 0.3)
