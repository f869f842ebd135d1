"""From source to notebooks and solutions: complete, deterministic, and nothing leaks."""

import io
import json
import os
import shutil
import zipfile
from unittest import mock

import nbformat
import pytest

from autograder.authoring import build as authoring
from autograder.authoring.build import BuildError, build, check
from autograder.authoring.bundle import bundle
from autograder.cli import main
from autograder.course import Course, CourseError
from tests.conftest import ROOT, edit

SECRETS = (
    "canary_in_the_solution",
    "canary_in_the_hidden_test",
    "canary_in_the_model_answer",
    "canary_in_the_rubric",
    "award(",
    "autograder",
)


@pytest.fixture
def built(small: Course) -> Course:
    build(small)
    return small


def read(course: Course, kind: str):
    return nbformat.read(course.root / kind / "01-small" / "01-small.ipynb", 4)


def test_the_release_is_blank_and_the_solution_is_executed(built):
    release, solution = read(built, "notebooks"), read(built, "solutions")
    stub = next(c for c in release.cells if c.id == "double").source
    assert stub.startswith('def double(x):\n    """Twice x."""\n    # YOUR CODE HERE\n')
    assert not any(cell.get("outputs") for cell in release.cells)
    checked = next(c for c in solution.cells if c.id == "test-double")
    assert checked.outputs[0].text == "✓ double(3) is 6\nIt is asked everything.\n"
    assert any(
        "image/png" in o.get("data", {}) for c in solution.cells for o in c.get("outputs", [])
    )
    assert "BEGIN SOLUTION" not in json.dumps(solution)


def test_nothing_of_a_solution_or_a_hidden_test_is_released(built, tmp_path):
    for name in ("docs", "helpers"):
        shutil.copytree(
            ROOT / name, built.root / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("LICENSE", "environment.yml"):
        shutil.copy(ROOT / name, built.root)
    archive = zipfile.ZipFile(bundle(built, tmp_path / "students.zip"))
    released = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    released["notebooks/"] = json.dumps(read(built, "notebooks"))
    source = built.lesson("01").text()
    for secret in SECRETS:
        assert secret in source, "a canary that is not planted proves nothing"
        for name, text in released.items():
            if name.endswith(".ipynb") or name == "notebooks/" or secret.startswith("canary"):
                assert secret not in text, f"{secret} is in {name}"


def test_the_bundle_holds_what_a_student_needs(course):
    raw = io.BytesIO(bundle(course, course.built / "test-bundle.zip").read_bytes())
    names = set(zipfile.ZipFile(raw).namelist())
    for lesson in course.lessons():
        assert f"downhill/notebooks/{lesson.name}/{lesson.name}.ipynb" in names
    assert {"downhill/helpers/checks.py", "downhill/environment.yml", "downhill/README.md"} <= names
    forbidden = ("autograder", "solutions", "source", "tests", "gradebook", "__pycache__")
    assert not [n for n in names if any(part in n for part in forbidden)]


def test_two_fresh_builds_are_equal_to_the_byte(small, tmp_path):
    other = Course(tmp_path / "other")
    shutil.copytree(small.root, other.root)
    build(small)
    build(other)
    for kind in ("notebooks", "solutions"):
        path = f"{kind}/01-small/01-small.ipynb"
        assert (small.root / path).read_bytes() == (other.root / path).read_bytes()


def test_a_second_build_changes_nothing(built):
    assert build(built) == []
    assert check(built) == []


@pytest.mark.parametrize("kind", ["notebooks", "solutions"])
def test_check_sees_an_edit_by_hand(built, kind):
    notebook = read(built, kind)
    notebook.cells[0].source += "\nedited"
    nbformat.write(notebook, built.root / kind / "01-small" / "01-small.ipynb")
    assert [line for line in check(built) if line.startswith(f"{kind}/01-small")]


def test_check_sees_a_source_that_was_not_built(built):
    edit(built, "# A small lesson", "# A changed lesson")
    assert len(check(built)) == 2


def test_check_sees_a_lesson_that_is_gone(built):
    shutil.copytree(built.notebooks / "01-small", built.notebooks / "09-gone")
    assert check(built) == ["notebooks/09-gone belongs to no lesson in source/"]


def test_an_edit_moves_no_other_cell_id(small):
    before = [c.id for c in small.lesson("01").notebook().cells]
    edit(small, "# A small lesson", "# Another title")
    after = [c.id for c in small.lesson("01").notebook().cells]
    assert before[0] != after[0]
    assert before[1:] == after[1:]


def test_a_worked_solution_that_fails_is_refused(small):
    edit(small, "canary_in_the_solution = 2 * x", "canary_in_the_solution = 3 * x")
    with pytest.raises(BuildError, match=r"01-small: the worked solution fails in cell 4"):
        build(small)
    assert not small.notebooks.exists(), "nothing is written when a lesson cannot be built"


def made(small, folder):
    """A lesson's solution, made in this process."""
    with mock.patch.dict(os.environ, dict.fromkeys(authoring.ONE_THREAD, "2")):
        authoring.make(authoring.Job(small, "01-small", folder, execute=True))
    return nbformat.read(folder / "solutions" / "01-small" / "01-small.ipynb", 4)


def test_a_worked_solution_that_does_not_end_is_told_as_that(small, tmp_path, monkeypatch):
    monkeypatch.setattr(authoring, "PATIENCE", 5)
    edit(small, "plt.plot(", "while True:\n    pass\nplt.plot(")
    with pytest.raises(BuildError, match=r"fails in cell \d+ \(\w+\): it did not end in 5 s"):
        made(small, tmp_path)


def test_the_kernel_of_a_solution_computes_with_one_thread(small, tmp_path):
    told = f"import os\nprint({{os.environ[name] for name in {[*authoring.ONE_THREAD]}}})"
    edit(small, "plt.plot(", f"{told}\nplt.plot(")
    outputs = [o for cell in made(small, tmp_path).cells for o in cell.get("outputs", [])]
    assert "{'1'}\n" in [output.get("text") for output in outputs]


def test_what_a_check_finds_wrong_elsewhere_than_in_a_test_is_shown_and_no_fault(small):
    edit(small, "plt.plot(", "print(check_value(double, 3.0, expected=7.0))\nplt.plot(")
    build(small)


def test_the_command_says_what_is_wrong(small, monkeypatch, capsys):
    edit(small, "  points: 2\n", "")
    monkeypatch.chdir(small.root)
    assert main(["build"]) == 1
    assert "cell 4 (test-double)" in capsys.readouterr().err


def test_a_folder_without_a_course_is_refused(tmp_path):
    with pytest.raises(CourseError, match="not inside a course"):
        Course.here(tmp_path)


def test_an_unknown_lesson_is_refused_by_name(small):
    with pytest.raises(CourseError, match="the lessons are 01-small"):
        small.lesson("02")
