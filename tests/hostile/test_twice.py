"""Who hands in twice: what the first answer was asked says nothing of what the second one is."""

from __future__ import annotations

import json

import numpy as np
import pytest

from autograder.classroom import Classroom, kept
from autograder.runner import Options, grade
from benchmarks.classes import answered, place, released
from helpers.questions import asked_of
from tests.conftest import contained
from tests.hostile.arena import LESSON, make_course

pytestmark = contained

WRONG = "def square(x):\n    return 0.0\n"
TABLE = """
import numpy as np

TABLE = {table!r}

def square(x):
    found = TABLE[np.asarray(x, float).tobytes()]
    return np.array(found).reshape(np.shape(x)) if np.ndim(x) else found[0]
"""


@pytest.fixture(scope="module")
def mark(tmp_path_factory):
    """Of `square`, where this is handed in for it."""
    course = make_course(tmp_path_factory.mktemp("twice"))
    blank = released(course, LESSON)
    room = Classroom.of(course.root / "submitted")

    def graded(source: str) -> dict:
        handed_in = json.dumps(answered(blank, {"square": source}))
        place(course.root / "submitted", "mallory", LESSON).write_text(handed_in)
        grade(course, room, [LESSON], Options(jobs=1))
        return kept(room.record("mallory", LESSON, LESSON))["marks"]["test-square"]

    return graded


def asked(seed: int) -> list:
    """All that `square` is asked on a seed, which a verdict names and everybody can draw."""
    return [
        args[0]
        for k, question in enumerate(asked_of("square").questions)
        if question.probes
        for args in question.probes(np.random.default_rng([seed, k]))
    ]


def test_a_table_of_what_was_asked_before_is_worth_nothing(mark):
    first = mark(WRONG)
    told = {np.asarray(x, float).tobytes(): np.ravel(x * x).tolist() for x in asked(first["seed"])}
    assert len(told) > 5
    second = mark(TABLE.format(table=told))
    assert second["points"] == 0
    assert mark(WRONG)["seed"] == first["seed"] != second["seed"]
