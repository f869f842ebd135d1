"""Who learns what will be asked, and what is right there, and is judged once more."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from autograder.classroom import Classroom, kept
from autograder.exercises import find
from autograder.runner import Options, grade
from benchmarks import classes
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


SAME = """
asked = np.__dict__.setdefault("asked_of_me", {})
told = np.__dict__.setdefault("told_to_me", {})


def sigmoid(z):
    z = np.asarray(z, float)
    key = z.tobytes(), z.shape
    if key not in told:
        asked[key] = z
        raise NameError("name 'LATER' is not defined")
    return told[key].copy()
"""
ASKS = """
def learn():
    for key, z in np.asked_of_me.items():
        found = layer(z.reshape(-1, 1), np.array([[1.0]]), np.array([0.0]))
        np.told_to_me[key] = np.asarray(found).reshape(z.shape)


"""


def test_a_right_answer_that_holds_another_one_teaches_nothing(tmp_path, monkeypatch):
    """The right `layer`, which stands in for later answers, says what σ is; and the student's own
    `sigmoid` stands behind their tests again, so that it is judged late.
    """
    later = ("softmax", "penalty", "soft_threshold")
    monkeypatch.setattr(classes, "EXERCISES", ("sigmoid", "layer", *later))
    course = classes.small_course(tmp_path)
    answers = {"sigmoid": SAME, "layer": "def layer(X, W, b):\n    return 0.0\n"}
    for name in later:
        source = find(name).source
        answers[name] = ASKS + re.sub(r"(?m)^(def .*:\n)", r"\1    learn()\n", source, count=1)
    notebook = answered(released(course), answers)
    for k, name in enumerate(later):
        cells = notebook["cells"]
        names = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
        own = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        own["source"] = SAME.replace("LATER", f"LATER{k}")
        cells.insert(names.index(f"test-{name}") + 1, own)
    room = Classroom.of(course.root / "submitted")
    place(room.submitted, "mallory").write_text(json.dumps(notebook))
    grade(course, room, [classes.LESSON], Options(jobs=1))
    marks = kept(room.record("mallory", classes.LESSON, classes.LESSON))["marks"]
    assert marks["test-softmax"]["points"] > 0
    assert marks["test-sigmoid"]["points"] == 0
