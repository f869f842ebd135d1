"""`autograder new` lays out an exercise, and says what is left to its author."""

import shutil

import pytest

from autograder.authoring.new import lay_out, unfilled
from autograder.authoring.rules import SourceError, check_source
from autograder.course import Course, CourseError
from tests.conftest import ROOT


@pytest.fixture
def copied(tmp_path) -> Course:
    """The course's sources, questions and bank, to be written into."""
    for folder in ("source", "helpers/questions", "autograder/exercises"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return Course(tmp_path)


def test_everything_is_laid_out_and_what_is_left_is_told(copied):
    lesson = copied.lesson("02")
    told = lay_out(copied, lesson, "second_derivative", "f, x, h=1e-4")
    folder = "numerical_gradient/second_derivative"
    for made in (f"helpers/questions/{folder}.py", f"autograder/exercises/{folder}.py"):
        assert made in told
        assert (copied.root / made).exists()
    answer = (copied.root / f"autograder/exercises/{folder}.py").read_text()
    assert "def second_derivative(f, x, h=1e-4):" in answer
    listed = copied.root / "helpers/questions/numerical_gradient/__init__.py"
    assert '"second_derivative"' in listed.read_text()
    assert str(listed.relative_to(copied.root)) in told
    places = list(unfilled(copied, "second_derivative", lesson.name))
    for file in (f"{folder}.py:", f"{folder}.md:", f"{folder}.right.md:"):
        assert any(file in place for place in places)
    with pytest.raises(SourceError, match="still says 'FILL IN'"):
        check_source(lesson, lesson.notebook())


def test_one_for_the_curious_has_no_test_cell(copied):
    lesson = copied.lesson("02")
    lay_out(copied, lesson, "second_derivative", "f, x", ungraded=True)
    assert lesson.for_the_curious()[-1] == "second_derivative"
    assert lesson.text().endswith("```{code-cell}\nexamine(second_derivative)\n```\n")
    with pytest.raises(SourceError) as refused:
        check_source(lesson, lesson.notebook())
    assert "has no test" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "signature", "why"),
    [
        ("2nd", "x", "cannot be the name"),
        ("class", "x", "cannot be the name"),
        ("print", "x", "print is something else in the lesson or in Python"),
        ("np", "x", "np is something else in the lesson or in Python"),
        ("check_value", "x", "check_value is something else in the lesson or in Python"),
        ("relative_error", "x", "there is an exercise 'relative_error' already"),
        ("second_derivative", "f, x, h=", "cannot be the parameters"),
    ],
)
def test_what_cannot_be_laid_out_is_refused_and_nothing_is_written(copied, name, signature, why):
    before = {path: path.read_bytes() for path in copied.root.rglob("*") if path.is_file()}
    with pytest.raises(CourseError, match=why):
        lay_out(copied, copied.lesson("02"), name, signature)
    after = {path: path.read_bytes() for path in copied.root.rglob("*") if path.is_file()}
    assert after == before
