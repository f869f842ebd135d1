"""Every attack in a class of honest students: it earns nothing, leaks nothing, leaves nothing."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter

from autograder.classroom import Classroom
from autograder.exercises import find
from autograder.judge import VERDICT
from benchmarks.classes import EXERCISES
from benchmarks.kills import orphans
from helpers._text import KEPT
from tests.conftest import contained
from tests.hostile.arena import (
    CANARY,
    HONEST,
    LESSON,
    Attack,
    attacks,
    record,
)

pytestmark = contained

EVERY = attacks()
WAS_HERE = "hostile-was-here"
MOST_WRITTEN = 6_000_000
"""Characters of an executed notebook."""
MOST_SHOWN = 100
"""Cells at its beginning, and at its end, that nbconvert shows of what is an attack's own."""
ATTRIBUTES = frozenset({"src", "srcset", "poster", "background", "data", "href"})


@pytest.fixture(scope="module")
def arena(hostile) -> Classroom:
    return hostile


def test_there_are_enough_attacks():
    assert len(EVERY) >= 80
    assert len({a.tries for a in EVERY}) == len(EVERY)


@pytest.mark.parametrize("student", HONEST)
def test_honest_students_lose_nothing(arena, student):
    marks = record(arena, student)["marks"]
    expected: dict = {f"test-{name}": find(name).points for name in EXERCISES}
    assert {n: m["points"] for n, m in marks.items()} == expected | {"why": None}


@pytest.mark.parametrize("attack", EVERY, ids=lambda a: a.name)
def test_an_attack_gets_what_it_deserves(arena, attack: Attack):
    marks = record(arena, attack.name)["marks"]
    for name in EXERCISES:
        points, reason = attack.due(name)
        mark = marks[f"test-{name}"]
        assert mark["points"] == points, f"{attack.tries} {name}: {mark}"
        assert mark["of"] == find(name).points
        if reason:
            assert mark["reason"].startswith(f"{reason}: "), mark["reason"]
        elif points == 0:
            assert mark["reason"], "points were lost without a word"


@pytest.mark.parametrize("attack", EVERY, ids=lambda a: a.name)
def test_an_attack_sees_nothing(arena, attack: Attack):
    """Canaries lie in solutions, hidden tests, the secret, the environment, other submissions."""
    executed = arena.autograded / attack.name / LESSON / f"{LESSON}.ipynb"
    page = arena.feedback / attack.name / LESSON / f"{LESSON}.html"
    for path in (executed, page):
        text = path.read_text(encoding="utf-8")
        for word in (CANARY, "BEGIN HIDDEN"):
            assert word not in text, f"{path.name}: {word}"
    assert "<script>fetch" not in page.read_text(encoding="utf-8")
    shown = [
        output.get("text", "") + str(output.get("data", ""))
        for cell in nbformat.read(executed, 4).cells
        for output in cell.get("outputs", [])
    ]
    for word in ("ESCAPED {", "GOT ", "FOUND [<", "LEFT OVER", "REACHED", "<script", "onerror="):
        assert not any(word in text for text in shown), shown


@pytest.mark.parametrize("attack", EVERY, ids=lambda a: a.name)
def test_what_is_said_of_an_attack_can_be_printed(arena, attack: Attack):
    """On a terminal, in a table, in a notebook: no escape sequences, no megabytes."""
    path = arena.record(attack.name, LESSON, LESSON)
    assert path.stat().st_size < 1_000_000
    said = [mark["reason"] for mark in record(arena, attack.name)["marks"].values()]
    executed = arena.autograded / attack.name / LESSON / f"{LESSON}.ipynb"
    for cell in nbformat.read(executed, 4).cells:
        for output in cell.get("outputs", []):
            if VERDICT in output.get("data", {}):
                said.append(output["data"]["text/plain"])
    for text in said:
        assert len(text) < 30_000
        assert all(c.isprintable() or c in KEPT for c in text), ascii(text)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("attack", EVERY, ids=lambda a: a.name)
def test_what_is_written_can_be_read(arena, attack: Attack):
    """By a browser, by Formgrader (nbconvert's classic template), and by whoever opens the page."""
    executed = arena.autograded / attack.name / LESSON / f"{LESSON}.ipynb"
    text = executed.read_text(encoding="utf-8")
    assert len(text) < MOST_WRITTEN
    notebook = nbformat.reads(text, 4)
    nbformat.validate(json.loads(text, parse_constant=no_number))
    page = (arena.feedback / attack.name / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
    assert len(page) < 3 * MOST_WRITTEN
    for name in EXERCISES:
        assert f"{name}: " in page
    own = [cell for cell in notebook.cells if shown(cell) not in honest(arena)]
    notebook.cells = own[:MOST_SHOWN] + own[MOST_SHOWN:][-MOST_SHOWN:]
    formgrader = classic().from_notebook_node(notebook)[0]
    for html in (page, formgrader):
        found = Fetched()
        found.feed(html[html.index("<body") :])
        assert not found.addresses
        for frame in found.frames:
            assert "LEFT" not in str(frame)
            assert frame["sandbox"] == "allow-scripts"
            assert "Content-Security-Policy" in frame["srcdoc"]


def shown(cell: nbformat.NotebookNode) -> str:
    return json.dumps([cell.source, cell.get("outputs"), cell.get("attachments")])


@cache
def honest(arena: Classroom) -> frozenset[str]:
    """What is shown of an honest student's cells, in which nothing is hostile."""
    executed = arena.autograded / HONEST[0] / LESSON / f"{LESSON}.ipynb"
    return frozenset(map(shown, nbformat.read(executed, 4).cells))


@cache
def classic() -> HTMLExporter:
    """It reads its templates once, as Formgrader's does."""
    return HTMLExporter(template_name="classic")


class Fetched(HTMLParser):
    """What a browser fetches when it opens a page's body, and the page's frames."""

    def __init__(self):
        super().__init__()
        self.addresses: list[str] = []
        self.frames: list[dict] = []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        names = ATTRIBUTES - {"href"} if tag == "a" else ATTRIBUTES
        values = [found[name] for name in names & found.keys()]
        self.addresses += [v for v in values if not v.startswith("data:image/")]
        self.addresses += re.findall(r"url\(.*", found.get("style") or "")
        if tag == "iframe":
            self.frames.append(found)


def no_number(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def test_nothing_is_left_behind(arena):
    places = {Path(tempfile.gettempdir()), Path("/dev/shm"), Path("/var/tmp"), arena.folder}
    for place in places:
        found = [p for p in paths_in(place) if WAS_HERE in p.name and p.parent.name != "attacks"]
        assert not found, found
    assert not processes("987654") + processes("987655")
    for _ in range(60):  # those of a grader that another test has just killed end by themselves
        if not orphans():
            return
        time.sleep(1)
    raise AssertionError("a warm process outlived the grading")


def paths_in(folder: Path) -> Iterator[Path]:
    """All of them, however deep; what other tests take away meanwhile is passed over."""
    waiting = [folder]
    while waiting:
        with contextlib.suppress(OSError):
            for entry in list(os.scandir(waiting.pop())):
                yield Path(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))


def processes(word: str) -> list[str]:
    """Command lines of running processes that hold this word."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if word in line and "pytest" not in line:
                found.append(line)
    return found
