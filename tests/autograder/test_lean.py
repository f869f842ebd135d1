"""Of a lesson's own cells, those are played that an answer or a check needs."""

import pytest

from autograder.lean import Cell, names, needed

ANSWER = "def f(x):\n    return x + offset"


def played(*cells: str, student: str = ANSWER) -> list[bool]:
    """Whether each of the course's cells is played before the student's."""
    return needed([*(Cell(source, shows=True) for source in cells), Cell(student, shows=False)])[
        :-1
    ]


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
        ("del offset", True),
        ("def g():\n    global offset\n    offset = 3\ng()", True),
        ("plot(f(3))", False),
        ("print([offset for offset in range(3)])", False),
        ("def g(offset):\n    return offset\ng(3)", False),
        ("x = 3\nplot(offset + x)", False),
    ],
)
def test_a_cell_is_played_that_makes_or_changes_a_name_in_use(cell, needs):
    assert played(cell) == [needs]


def test_what_a_needed_cell_uses_is_needed_too():
    assert played("a = 1", "b = 2", "offset = a", "c = a") == [True, False, True, False]


def test_a_name_that_a_check_makes_for_itself_is_not_needed():
    check = "offset = 3\nprint(f(offset), [n for n in range(3)])"
    assert played("offset = 4", "n = 5", student=check) == [False, False]
    assert played("offset = 4", student="offset = offset + 1") == [True]
    assert played("offset = 4", student="if f(1):\n    offset = 3\nprint(offset)") == [True]


@pytest.mark.parametrize(
    "student",
    [
        "exec('print(offset)')",
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


def test_deep_nesting_is_not_read():
    assert names("(" * 5000 + ")" * 5000) is None
    assert names("x = " + "-" * 100_000 + "1") is None
