"""A source that breaks a rule is refused with file, cell and reason."""

import pytest

from autograder.authoring.rules import SourceError, check_source
from autograder.course import Course, give_points, grade_id, is_test, mark
from tests.conftest import ROOT, edit

TEST_MARK = """---
nbgrader:
  grade: true
  grade_id: test-double"""


def complaints(course: Course) -> str:
    lesson = course.lesson("01")
    with pytest.raises(SourceError) as refused:
        check_source(lesson, lesson.notebook())
    return str(refused.value)


def test_a_good_source_passes(small):
    lesson = small.lesson("01")
    check_source(lesson, lesson.notebook())


@pytest.mark.parametrize(
    ("old", "new", "cell", "reason"),
    [
        ("grade_id: test-double", "grade_id: double", "cell 4 (double)", "is used twice"),
        ("  points: 2\n", "", "cell 4 (test-double)", "needs points above 0"),
        ("  points: 2\n", "  points: 0\n", "cell 4 (test-double)", "needs points above 0"),
        ("  points: 2\n", "  points: many\n", "cell 4 (test-double)", "needs points above 0"),
        ("    ### BEGIN SOLUTION\n", "", "cell 3 (double)", "stray or misspelt marker"),
        ("    ### END SOLUTION\n", "", "cell 3 (double)", "never closed"),
        ("### BEGIN SOLUTION\n    c", "### BEGIN SOLUTOIN\n    c", "cell 3", "stray or misspelt"),
        (
            "plt.plot([0, 1], [double(0), double(1)]);",
            "### BEGIN SOLUTION\n1\n### END SOLUTION",
            "cell 5",
            "a solution outside a solution cell",
        ),
        (
            "plt.plot([0, 1], [double(0), double(1)]);",
            "### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS",
            "cell 5",
            "hidden tests outside a test cell",
        ),
        ("grade_id: test-double", "grade_id: test-triple", "cell 3 (double)", "has no test"),
        ("grade_id: test-double", "grade_id: test-triple", "cell 4", "belongs to no exercise"),
        ("examine(double)\n", "", "cell 4 (test-double)", "last visible line"),
        ('award("double", double)\n', "", "cell 4 (test-double)", "must end in a hidden region"),
        ("### END HIDDEN TESTS", "### END HIDDEN TESTS\n1.0", "cell 4", "must end in a hidden"),
        ("  schema_version: 3\n", "", "cell 3 (double)", "lacks schema_version"),
        ("Twice x.", "FILL IN: what it does", "cell 3 (double)", "still says 'FILL IN'"),
        ("grade_id: double", 'grade_id: "a b"', "cell 3 (a b)", "letters, digits"),
        ("name: python3", "name: julia", "the notebook", "kernelspec must be python3"),
    ],
)
def test_a_broken_rule_is_named(small, old, new, cell, reason):
    edit(small, old, new)
    text = complaints(small)
    assert str(small.lesson("01").path) in text
    assert any(cell in line and reason in line for line in text.split("\n")), text


def test_every_complaint_is_listed_at_once(small):
    edit(small, "  points: 2\n", "")
    edit(small, '"points": 3', '"points": -1')
    assert complaints(small).count("needs points above 0") == 2


def test_points_stand_with_the_questions_and_in_no_cell():
    lesson = Course(ROOT).lesson("01")
    notebook = lesson.notebook()
    cell = next(c for c in notebook.cells if grade_id(c) == "test-square")
    assert "points" not in mark(cell)
    assert mark(give_points(lesson.notebook()).cells[notebook.cells.index(cell)])["points"] == 1
    mark(cell)["points"] = 1
    with pytest.raises(SourceError, match=r"test-square\): delete “points: 1”: .* \(1 together\)"):
        check_source(lesson, notebook)


def test_without_a_test_it_must_be_examined_and_in_the_bank(small):
    """An exercise for the curious."""
    lesson = Course(ROOT).lesson("01")
    notebook = lesson.notebook()
    name = lesson.exercises()[-1]
    test = next(c for c in notebook.cells if grade_id(c) == f"test-{name}")
    test.metadata.pop("nbgrader")
    test.source = f"print(1)\nexamine({name})"
    check_source(lesson, notebook)
    for source in ("", f"examine({name})\nprint(1)", "examine(square)", f"x = {name}"):
        test.source = source
        with pytest.raises(SourceError, match=f"or a cell that ends in examine.{name}"):
            check_source(lesson, notebook)

    lesson = small.lesson("01")
    notebook = lesson.notebook()
    test = next(c for c in notebook.cells if grade_id(c) == "test-double")
    test.metadata.pop("nbgrader")
    test.source = "examine(double)"
    with pytest.raises(SourceError, match="for the curious must be in the bank"):
        check_source(lesson, notebook)


def test_one_for_the_curious_stands_in_the_order_of_the_list_too():
    lesson = Course(ROOT).lesson("01")
    notebook = lesson.notebook()
    name = lesson.exercises()[0]
    place = next(i for i, c in enumerate(notebook.cells) if grade_id(c) == name)
    pair = notebook.cells[place : place + 2]
    del notebook.cells[place : place + 2]
    notebook.cells += pair
    pair[1].metadata.pop("nbgrader")
    pair[1].source = f"examine({name})"
    with pytest.raises(SourceError, match=f"stands where '{name}' stands in EXERCISES"):
        check_source(lesson, notebook)


def test_an_order_that_is_not_that_of_the_list_is_named():
    lesson = Course(ROOT).lesson("01")
    notebook = lesson.notebook()
    tests = [i for i, c in enumerate(notebook.cells) if is_test(c)][:2]
    one, other = tests
    cells = notebook.cells
    cells[one], cells[other] = cells[other], cells[one]
    with pytest.raises(SourceError, match="'square' stands in EXERCISES"):
        check_source(lesson, notebook)
