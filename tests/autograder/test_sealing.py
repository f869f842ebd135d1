"""No answer to a prediction is in a released cell; all are where `reveal` finds them."""

from __future__ import annotations

import ast
import json
import shutil
import zipfile

import nbformat
import pytest

from autograder import sealing
from autograder.authoring import build as building
from autograder.authoring.build import build, check
from autograder.authoring.bundle import bundle
from autograder.course import Course, CourseError
from helpers._sealed import key_of
from tests.conftest import ROOT, edit

ASKED = """
```{code-cell}
guess = Prediction(
    "You halve ε. The error becomes",
    ["a half", "a quarter", "the same"],
)
guess
```

```{code-cell}
REVEAL
```
"""
REVEAL = """print(guess.reveal("a quarter", "canary in the reason"))"""


def put(course: Course, reveal: str = REVEAL, asked: str = ASKED) -> Course:
    """The small course with helpers of its own and a prediction at its end."""
    shutil.copytree(
        ROOT / "helpers",
        course.helpers,
        ignore=shutil.ignore_patterns("__pycache__", "sealed"),
        dirs_exist_ok=True,
    )
    path = course.lesson("01").path
    path.write_text(path.read_text() + asked.replace("REVEAL", reveal))
    edit(course, "import check_value", "import Prediction, check_value")
    return course


def left(course: Course) -> str:
    return course.lesson("01").notebook().cells[-1].source


@pytest.mark.parametrize(
    ("reveal", "released"),
    [
        (REVEAL, "print(guess.reveal())"),
        ('guess.reveal("a quarter")', "guess.reveal()"),
        ('guess.reveal(answer="a quarter", because="x")', "guess.reveal()"),
        (
            'x = 1  # ε\nprint(guess.reveal("a quarter", "ε is {e:.1f}", e=x / 2)); y = 2',
            "x = 1  # ε\nprint(guess.reveal(e=x / 2)); y = 2",
        ),
        (
            'print(\n    guess.reveal(\n        "a quarter",  # hint\n        "so {r} "\n'
            '        "it is",\n        r=[1][-1],\n        within={"r": (0, None)},\n    )\n)\n3',
            "print(guess.reveal(r=[1][-1]))\n3",
        ),
        (
            'if True:\n    print("so:", guess.reveal("a quarter", "ε", r=max(\n        1, 2)))',
            'if True:\n    print("so:", guess.reveal(r=max(1, 2)))',
        ),
        (
            f'print(guess.reveal("a quarter", first={"a" * 40}, second={"b" * 40}))',
            "print(\n    guess.reveal(\n"
            f"        first={'a' * 40},\n        second={'b' * 40},\n    )\n)",
        ),
        (
            f'print(guess.reveal("a quarter", first={"a" * 30}, second={"b" * 25}))',
            f"print(\n    guess.reveal(first={'a' * 30}, second={'b' * 25})\n)",
        ),
        (
            f'x = guess.reveal("a quarter", first={"a" * 50}, second={"b" * 50})',
            f"x = guess.reveal(\n    first={'a' * 50},\n    second={'b' * 50},\n)",
        ),
        (
            '%matplotlib inline\nprint(guess.reveal("a half"))',
            "%matplotlib inline\nprint(guess.reveal())",
        ),
        (
            'print(guess.reveal("a half", "x", **{"r": 1}))',
            'print(guess.reveal(**{"r": 1}))',
        ),
        ("print(guess.reveal())", "print(guess.reveal())"),
        (
            'print(guess.reveal("a half" if True else "the same"))',
            'print(guess.reveal("a half" if True else "the same"))',
        ),
        (
            'print(guess.reveal("a half", "ε"), guess.reveal("a half", "ε"))',
            "print(guess.reveal(), guess.reveal())",
        ),
    ],
)
def test_what_is_left_of_a_call(small, reveal, released):
    put(small, reveal)
    assert left(small) == released
    if "%" not in released:
        ast.parse(released)


@pytest.mark.parametrize(
    ("reveal", "why"),
    [
        ('print(guess.reveal("a third"))', "'a third' is not one of the options"),
        ('print(gess.reveal("a half"))', "above it there is no gess = Prediction"),
        ('print(guess.reveal("a half", f"{1}"))', "because must be a literal"),
        (
            'x = (0, 1)\nprint(guess.reveal("a half", r=1, within={"r": x}))',
            "within must be a literal",
        ),
        (
            'print(guess.reveal("a half", "it is {r:.2f}"))',
            "'r' is told of, and nothing of that name",
        ),
        ('print(guess.reveal("a half", "it is {r:.2f}", s=1))', "'r' is told of"),
        ('print(guess.reveal("a half", "it is {r", r=1))', "the reason's braces"),
        ('print(guess.reveal("a half", "{}", r=1))', "'' is told of"),
        ('print(guess.reveal("a half", within={"r": (0, 1)}))', "'r' is told of"),
        ('print(guess.reveal("a half", r=1, within={"r": (1, 0)}))', "nothing lies within"),
        ('print(guess.reveal("a half", r=1, within={"r": 3}))', "needs \\(low, high\\)"),
        ('print(guess.reveal("a half", r=1, within=3))', "within gives each name"),
        ('print(guess.reveal("a half", "x", 3))', "give what is measured by its name"),
        ('print(guess.reveal("a half"), guess.reveal("the same"))', "another answer above"),
        ('guess = Prediction(f"{1}", ["a half"])\nguess.reveal("a half")', "must be literals"),
        ('print(guess.reveal("a half")', "no Python"),
    ],
)
def test_what_cannot_be_sealed_is_named_with_its_line(small, reveal, why):
    put(small, reveal)
    lesson = small.lesson("01")
    lines = lesson.text().split("\n")
    with pytest.raises(CourseError, match=why) as refused:
        lesson.notebook()
    path, line, _ = str(refused.value).split(":", 2)
    assert path == str(lesson.path)
    assert "reveal(" in lines[int(line) - 1]


def test_names_are_those_of_the_notebook_so_far(small):
    again = ASKED.replace("You halve", "You double").replace(
        "REVEAL", 'print(guess.reveal("a half"))'
    )
    put(small, asked=ASKED + again)
    sealed = small.lesson("01").sealed()
    options = ["a half", "a quarter", "the same"]
    assert {key: secret["answer"] for key, secret in sealed.items()} == {
        key_of("You halve ε. The error becomes", options): "a quarter",
        key_of("You double ε. The error becomes", options): "a half",
    }


def test_a_course_without_helpers_keeps_answers_in_its_cells(small):
    path = small.lesson("01").path
    path.write_text(path.read_text() + ASKED.replace("REVEAL", REVEAL))
    assert left(small) == REVEAL
    assert small.lesson("01").sealed() == {}


def of_the_bank(course):
    """The small lesson with an exercise of the bank: a course with helpers may have no other."""
    path = course.lesson("01").path
    text = path.read_text().replace("double", "square").replace("2 * x", "x * x")
    path.write_text(text.replace("expected=6.0", "expected=9.0").replace("  points: 2\n", ""))


def test_the_build_seals_and_students_have_the_answer_in_no_text(small, tmp_path, monkeypatch):
    put(small)
    of_the_bank(small)
    monkeypatch.setenv("PYTHONPATH", str(small.root))
    monkeypatch.setattr(building, "owns_bank", lambda course: False)
    assert "helpers/sealed/01-small.json" in build(small)
    assert check(small) == []
    solution = (small.solutions / "01-small" / "01-small.ipynb").read_text()
    told = nbformat.reads(solution, 4).cells[-1].outputs[0].text
    assert told == "You made no prediction. It is “a quarter”: canary in the reason.\n"
    assert "You predicted" not in solution
    release = (small.notebooks / "01-small" / "01-small.ipynb").read_text()
    assert nbformat.reads(release, 4).cells[-1].source == "print(guess.reveal())"
    assert "canary in the reason" not in release
    assert not list(small.root.rglob(".predictions.json"))

    sealed = small.sealed("01-small")
    assert "canary" not in sealed.read_text()
    for name in ("docs/student.md", "docs/student-environment.yml", "LICENSE"):
        (small.root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, small.root / name)
    names = zipfile.ZipFile(bundle(small, tmp_path / "students.zip")).namelist()
    assert "downhill/helpers/sealed/01-small.json" in names

    edit(small, "canary in the reason", "another reason")
    shutil.copy(sealed, small.sealed("09-gone"))
    stale = check(small)
    assert "helpers/sealed/01-small.json is not what 01-small.md makes" in stale
    assert "helpers/sealed/09-gone.json belongs to no lesson in source/" in stale


def test_another_lessons_answers_do_not_make_a_solution_stale(small):
    put(small)
    lesson = small.lesson("01")
    before = building.digest(small, lesson)
    small.sealed("02-numerical-gradient").parent.mkdir()
    small.sealed("02-numerical-gradient").write_text("{}")
    assert building.digest(small, lesson) == before
    small.sealed(lesson.name).write_text("{}")
    assert building.digest(small, lesson) != before


def test_it_is_written_where_it_says_something_else(tmp_path):
    path = tmp_path / "sealed" / "01.json"
    secret = {"key": {"answer": "ε", "because": "", "within": {"r": [0, None]}}}
    assert sealing.write(path, secret)
    assert sealing.read(path) == secret
    assert not sealing.write(path, secret)
    assert sealing.write(path, {})
    assert not path.exists()
    assert not sealing.write(path, {})
    path.write_text(json.dumps({"key": "damaged"}))
    assert sealing.read(path) == {}
    assert sealing.write(path, {})


def test_what_is_sealed_is_what_the_lessons_ask_now(course):
    """`autograder build` makes it anew."""
    for lesson in course.lessons():
        assert sealing.read(course.sealed(lesson.name)) == lesson.sealed(), lesson.name


def test_no_lesson_has_a_reason_or_an_answer_in_a_cell_with_a_reveal(course):
    for lesson in course.lessons():
        cells = [c.source for c in lesson.notebook().cells if c.cell_type == "code"]
        for secret in lesson.sealed().values():
            assert not [c for c in cells if secret["because"] and secret["because"] in c]
