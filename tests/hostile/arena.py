"""The class in which attacks are graded: a small course, honest students, and canaries.

An attack is a text file in `attacks/`. Its first line says what it tries, its second what it must
get: `square 0 time` is no points for `square` and the reason `time`; whatever is not named must
earn everything. Then come blocks: `# %% NAME` is the answer to an exercise, `# %% edit` changes the
notebook (`nb`, as JSON), and `# %% write` the file (`path`; `honest` is another student's).
"""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from autograder.classroom import Classroom, kept
from autograder.course import Course
from autograder.exercises import find
from autograder.runner import Options, grade
from benchmarks.classes import EXERCISES, answered, place, released, small_course

LESSON = "01-hostile"
CANARY = "canary-4b1f07"
TIMEOUT, SOON = 4, 2
"""Seconds a question; and for who is to use them all up, which costs a processor as many."""
HONEST = ("honest-first", "honest-last")
ATTACKS = Path(__file__).parent / "attacks"


@dataclass(frozen=True)
class Attack:
    """One hostile submission: what it tries, and for each exercise the points and the reason."""

    name: str
    tries: str
    gets: dict[str, tuple[float, str]]
    blocks: dict[str, str]

    def due(self, exercise: str) -> tuple[float, str]:
        """The points that it must get for this exercise, and the reason's first word."""
        return self.gets.get(exercise, (find(exercise).points, ""))

    @property
    def endless(self) -> bool:
        """Whether it must use up the time of a question."""
        return any(reason.split()[:1] == ["time"] for _, reason in self.gets.values())

    @classmethod
    def read(cls, path: Path) -> Attack:
        first, second, text = path.read_text(encoding="utf-8").split("\n", 2)
        gets = {}
        for verdict in second.removeprefix("# Gets: ").split("; "):
            name, points, *reason = verdict.split()
            for each in EXERCISES if name == "all" else (name,):
                gets[each] = (float(points), " ".join(reason))
        parts = re.split(r"^# %% (\w+)\n", text, flags=re.MULTILINE)[1:]
        blocks = dict(zip(parts[::2], parts[1::2], strict=True))
        return cls(path.stem, first.removeprefix("# Tries: "), gets, blocks)


def attacks() -> list[Attack]:
    return [Attack.read(path) for path in sorted(ATTACKS.glob("*.txt"))]


def make_course(folder: Path) -> Course:
    """The small course, with canaries in its solutions and hidden tests."""
    return small_course(folder, LESSON, f"# {CANARY}-solution", f'hidden = "{CANARY}-hidden-test"')


def graded(folder: Path, some: list[Attack] | None = None) -> Classroom:
    """The class, graded; secrets that lie around it hold canaries. some: these attacks alone."""
    course, every = make_course(folder), attacks() if some is None else some
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOWNHILL_SECRET", f"{CANARY}-environment")
        classroom = Classroom.of(hand_in(course, listener.getsockname()[1], every), timeout=TIMEOUT)
        (folder / ".secret").write_text(f"{CANARY}-secret")
        first, last = HONEST
        for endless, honest, seconds in ((False, first, TIMEOUT), (True, last, SOON)):
            students = (honest, *(each.name for each in every if each.endless is endless))
            room = replace(classroom, timeout=seconds)
            grade(course, room, [LESSON], Options(jobs=2, students=students))
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody has come
            listener.accept()
    return classroom


def record(classroom: Classroom, student: str) -> dict[str, Any]:
    found = kept(classroom.record(student, LESSON, LESSON))
    assert found is not None, f"{student} has no record: the grader itself failed"
    return found


def hand_in(course: Course, listener: int, every: list[Attack]) -> Path:
    """The whole class's files in `submitted`: attacks between honest students."""
    submitted = course.root / "submitted"
    blank = released(course, LESSON)
    for student in HONEST:
        notebook = answered(blank, {}, f"# {CANARY}-{student}\n")
        place(submitted, student, LESSON).write_text(json.dumps(notebook))
    honest = place(submitted, HONEST[0], LESSON)
    for attack in every:
        path = place(submitted, attack.name, LESSON)
        blocks = {k: v.replace("LISTENER", str(listener)) for k, v in attack.blocks.items()}
        nb = answered(blank, blocks)
        if "edit" in blocks:
            exec(blocks["edit"], {"nb": nb})
        path.write_text(json.dumps(nb))
        if "write" in blocks:
            exec(blocks["write"], {"path": path, "honest": honest})
    return submitted
