"""Plain test cells beside judged ones: graded in the sandbox by their own asserts, and told."""

from __future__ import annotations

import json
import re

import pytest

from autograder.classroom import Classroom
from autograder.course import Course
from autograder.exercises import find
from autograder.grading.gradebook import Book
from autograder.grading.grader import exercises_in
from autograder.grading.release import course_id, settings, sheets
from autograder.runner import Options, grade
from benchmarks.classes import EXERCISES, LESSON, answered, place, released, small_course
from tests.conftest import contained

pytestmark = contained

ANSWER = """
```{code-cell}
---
nbgrader: {grade: false, grade_id: thrice, locked: false, schema_version: 3, solution: true, \
task: false}
---
def thrice(x):
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION
```

```{code-cell}
---
nbgrader: {grade: true, grade_id: thrice-of-one, locked: true, points: 2, schema_version: 3, \
solution: false, task: false}
tags: [plain]
---
assert thrice(1) == 3
```

```{code-cell}
---
nbgrader: {grade: true, grade_id: thrice-of-two, locked: true, points: 5, schema_version: 3, \
solution: false, task: false}
tags: [plain]
---
### BEGIN HIDDEN TESTS
assert thrice(2) == 6, "six was due"
### END HIDDEN TESTS
```
"""
ANSWERS = {"right": "return 3 * x", "half": "return x + 2", "none": "raise NotImplementedError"}


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> tuple[Classroom, dict[str, dict]]:
    """Who has both plain tests right, one, none; all else of the lesson is right. Their records."""
    folder = tmp_path_factory.mktemp("plain") / "class"
    course = small_course(folder)
    path = course.lesson("01").path
    path.write_text(path.read_text() + ANSWER)
    blank = released(course)
    for student, body in ANSWERS.items():
        source = f"def thrice(x):\n    {body}\n"
        text = json.dumps(answered(blank, {"thrice": source}))
        place(folder / "submitted", student).write_text(text)
    classroom = Classroom.of(folder / "submitted")
    grade(course, classroom, [LESSON], Options(jobs=1))
    kept = {
        student: json.loads(classroom.record(student, LESSON, LESSON).read_text())
        for student in ANSWERS
    }
    return classroom, kept


def test_their_points_are_those_of_their_asserts(room):
    _, records = room
    names = ("thrice-of-one", "thrice-of-two")
    found = {s: [r["marks"][name]["points"] for name in names] for s, r in records.items()}
    assert found == {"right": [2, 5], "half": [2, 0], "none": [0, 0]}
    assert "six was due" in records["half"]["marks"]["thrice-of-two"]["reason"]


def test_the_judge_gives_the_others_theirs(room):
    _, records = room
    for record in records.values():
        for name in EXERCISES:
            mark = record["marks"][f"test-{name}"]
            assert mark["points"] == mark["of"] == find(name).points


def test_the_page_says_which_are_not_proof_against_tampering(room):
    classroom, _ = room
    page = (classroom.feedback / "half" / LESSON / f"{LESSON}.html").read_text()
    text = re.sub(r"<[^>]+>|\s+", " ", page)
    assert "thrice-of-one, thrice-of-two" in text
    assert "not proof against tampering" in text


def test_hidden_lines_go_into_the_sandbox_for_plain_cells_alone(room):
    classroom, _ = room
    course = Course(classroom.folder)
    config = settings(course, classroom)
    with Book.open(classroom.db_url, course_id(config), config) as book:
        (sheet,) = sheets(course, classroom, config, book, [LESSON]).values()
    assert set(sheet.sources) == {"thrice-of-one", "thrice-of-two"}
    assert "assert thrice(2)" in sheet.sources["thrice-of-two"]
    assert set(exercises_in(sheet)) == {*EXERCISES, "thrice-of-one", "thrice-of-two"}
    assert course.lesson("01").for_the_curious() == []


def test_a_release_that_was_changed_by_hand_is_made_again(room):
    classroom, _ = room
    path = classroom.release / LESSON / f"{LESSON}.ipynb"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"assert thrice(1) == 3", b"assert True"))
    said: list[str] = []
    course = Course(classroom.folder)
    grade(course, classroom, [LESSON], Options(jobs=1, resume=True), say=said.append)
    assert path.read_bytes() == before
    assert any("was changed by hand: it is made again" in line for line in said)
