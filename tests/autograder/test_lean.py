"""Of a lesson's own cells, those are played that an answer or a check needs."""

from typing import Any

import pytest
from nbformat.v4 import new_code_cell

from autograder.course import OWN, Course, is_grade, is_solution
from autograder.grading.lean import Cell, needed, read, read_ours
from autograder.grading.work import Work
from tests.conftest import ROOT

ANSWER = "def f(x):\n    return x + offset"


def played(*cells: str, student: str = ANSWER) -> list[bool]:
    """Whether each of the course's cells is played before the student's."""
    ours = [Cell(read(source), shows=True) for source in cells]
    return needed([*ours, Cell(read(student), shows=False)])[:-1]


@pytest.mark.parametrize(
    ("cell", "needs"),
    [
        ("offset = 3", True),
        ("import offsets as offset", True),
        ("def offset():\n    pass", True),
        ("for offset in range(3):\n    print(offset)", True),
        ("with open('f') as offset:\n    pass", True),
        ("offset.append(3)", True),
        ("offset[0] = 3", True),
        ("offset.size += 3", True),
        ("(o := offset)[0] = 5", True),
        ("del offset", True),
        ("offset = 1\ngrow(offset)", True),
        ("def g():\n    global offset\n    offset = 3\ng()", True),
        ("plot(f(3))", False),
        ("print([offset for offset in range(3)])", False),
        ("def g(offset):\n    return offset\ng(3)", False),
        ("x = 3\nplot(offset + x)", False),
    ],
)
def test_a_cell_is_played_that_makes_or_changes_a_name_in_use(cell, needs):
    assert played(cell) == [needs]


@pytest.mark.parametrize(
    "cell",
    [
        "grow(offset)",
        "y = offset.pop()",
        "np.copyto(offset, 3)",
        "y = np.add(offset, 1, out=offset)",
        "other = offset",
        "a, b = offset, 3\na[0] = 5",
        "for row in offset:\n    row *= 2",
        "part = offset[0]\npart += 1",
        "o = offset.T\no += 1",
        "print([o.pop() for o in offset])",
        "o: list = offset\no[0] = 5",
        "o = [offset]\no[0][0] = 1",
        "o = {'a': [*offset]}\np = o['a']\nq = p[0]\nq.fill(3)",
    ],
)
def test_a_cell_is_played_that_may_change_a_value_in_use(cell):
    """Functions and modules are no values: every cell calls them."""
    assert played("offset = 3", cell) == [True, True]
    assert played("def offset():\n    pass", cell) == [True, False]


@pytest.mark.parametrize(
    "cell",
    ["part = offset[0]\nprint(part + 1)", "for row in offset:\n    print(row)"],
)
def test_a_cell_that_only_names_a_part_of_a_value_is_left_out(cell):
    assert played("offset = 3", cell) == [True, False]


def test_a_cell_that_only_shows_may_read_what_it_likes():
    assert played("print(eval('offset'))") == [False]
    assert played("offset = eval('a')", "a = 3") == [True, True]
    assert played("exec('offset = 3')") == [True]


@pytest.mark.parametrize("lesson", Course(ROOT).lessons(), ids=lambda lesson: lesson.name)
def test_of_every_lesson_most_is_left_out(lesson):
    code = [c for c in lesson.notebook().cells if c.cell_type == "code"]
    cells = [Cell(read(c.source), shows=not (is_solution(c) or is_grade(c))) for c in code]
    left_out = needed(cells).count(False)
    assert left_out > 0.8 * sum(cell.shows for cell in cells)


def test_what_a_needed_cell_uses_is_needed_too():
    assert played("a = 1", "b = 2", "offset = a", "c = a + 1") == [True, False, True, False]


def test_a_name_that_a_check_makes_for_itself_is_not_needed():
    check = "offset = 3\nprint(f(offset), [n for n in range(3)])"
    assert played("offset = 4", "n = 5", student=check) == [False, False]
    assert played("offset = 4", student="offset = offset + 1") == [True]
    assert played("offset = 4", student="if f(1):\n    offset = 3\nprint(offset)") == [True]


@pytest.mark.parametrize(
    "student",
    [
        "exec('print(offset)')",
        "print(eval('offset'))",
        "globals()['offset']",
        "from other import *",
        "import __main__",
        "get_ipython().user_ns",
        "%time f(3)",
        "def f(x:",
    ],
)
def test_whoever_may_use_any_name_has_every_cell_played(student):
    assert played("a = 1", "plot(3)", student=student) == [True, True]


def test_a_name_that_one_statement_makes_the_next_does_not_use_of_others():
    found = read("a = len(b)\nc = a + max\nmax = 3")
    assert found is not None
    assert found.whole.uses == {"b", "max"}
    assert [names.uses for names, _ in found.statements or ()] == [{"b"}, {"a"}, set()]


@pytest.mark.parametrize("mark", [{OWN: True}, {"nbgrader": {"solution": True}}])
def test_a_cell_of_the_students_is_read_once_and_forgotten_with_the_notebook(mark):
    nobody: Any = None
    work = Work(nobody, nobody, nobody, nobody, nobody)
    cell, kept = new_code_cell("x = 1", metadata=mark), read_ours.cache_info().currsize
    assert work.read(cell) is work.read(cell)
    assert read_ours.cache_info().currsize == kept


def test_deep_nesting_is_not_read():
    assert read("(" * 5000 + ")" * 5000) is None
    assert read("x = " + "-" * 100_000 + "1") is None


@pytest.mark.parametrize("line", ["!ls", "%matplotlib inline", "%pip install x", "%%time", "?f"])
def test_a_line_of_ipythons_own_needs_nothing(line):
    assert played("x = 3", "offset = 1", student=f"{line}\n{ANSWER}") == [False, True]


@pytest.mark.parametrize("line", ["%run x.py", "files = !ls", "%%cython", "%load_ext x\n%x y"])
def test_a_line_that_may_do_anything_needs_everything(line):
    assert played("x = 3", student=f"{line}\n{ANSWER}") == [True]
