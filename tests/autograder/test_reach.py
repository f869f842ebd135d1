"""Which names an answer may use, by way of others as well."""

from __future__ import annotations

from types import SimpleNamespace

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.exercises import find
from autograder.grading.envelope import Envelope
from autograder.grading.lean import MOST_STATEMENTS, read
from autograder.grading.reach import Code, Reach
from autograder.grading.sheet import Sheet
from autograder.grading.submission import Rebuilt
from autograder.grading.task import Graded, Task
from autograder.grading.work import Work


def reach(cells: list[str], ours: list[str] = []) -> Reach:  # noqa: B006
    student = [Code(read(cell), own=True) for cell in cells]
    return Reach([*student, *(Code(read(cell), own=False) for cell in ours)])


SLOPE = "def slope(f, x):\n    return (f(x + h) - f(x)) / h"


@pytest.mark.parametrize(
    "cells",
    [
        ["def walk(f, x):\n    return x - slope(f, x)", SLOPE],
        ["step = slope\ndef walk(f, x):\n    return x - step(f, x)", SLOPE],
        ["def walk(f, x, by=slope):\n    return x - by(f, x)"],
        ["def helper(f):\n    return slope(f, 0)", "def walk(f, x):\n    return helper(f)"],
        ["known = {}", "known['of'] = slope", "def walk(f, x):\n    return known['of'](f, x)"],
        ["walk = Walker()", "class Walker:\n    def __call__(self, f, x):\n        slope(f, x)"],
        ["def walk(f, x): ...", "walk = with_slopes(walk, slope)"],
        ["class walk: ...", "walk.step = lambda self, f: slope(f, 0)"],
        ["fs = []\nfs.append(slope)", "def walk(f, x):\n    return fs[0](f, x)"],
        [
            "known = {}\ndef keep(f):\n    known[f.__name__] = f\n    return f",
            "@keep\ndef helper(f):\n    return slope(f, 0)",
            "def walk(f, x):\n    return known['helper'](f)",
        ],
        [
            "def add_to(kind):\n    return lambda f: setattr(kind, f.__name__, f)",
            "class walk:\n    def stay(self):\n        pass",
            "@add_to(walk)\ndef go(self, f):\n    return slope(f, 0)",
        ],
        ["known = {}\ndef fill():\n    known['of'] = slope", "fill()", "walk = known.get('of')"],
        ["def setup():\n    global walk\n    walk = lambda f, x: slope(f, x)", "setup()"],
    ],
)
def test_what_an_answer_builds_on_is_found_by_way_of_others(cells):
    found = reach(cells).of("walk")
    assert found is not None
    assert "slope" in found


def test_what_stands_in_the_same_cell_is_not_what_an_answer_builds_on():
    cells = [
        f"import numpy as np\n{SLOPE}\nprint(slope(np.sin, 3))",
        "def walk(f, x):\n    return x - np.sign(f(x))\nwalk(abs, 1)",
    ]
    ours = ["path = [walk(np.sin, slope(np.cos, k)) for k in range(3)]\nshow(walk, slope)"]
    found = reach(cells, ours).of("walk")
    assert found is not None
    assert "slope" not in found


def test_more_statements_than_anybody_writes_are_not_looked_into():
    cells = ["def walk(f, x):\n    return x"]
    assert reach([*cells, "x = 1\n" * (MOST_STATEMENTS // 2)]).of("walk") == {"walk"}
    assert reach([*cells, *["x = 1\n" * (MOST_STATEMENTS // 2)] * 2]).of("walk") is None
    assert reach(cells, ["x = 1\n" * MOST_STATEMENTS] * 2).of("walk") == {"walk"}


@pytest.mark.parametrize("line", ["globals()['slope']", "import __main__", "%run x.py"])
def test_where_the_source_does_not_say_it_an_answer_may_build_on_everything(line):
    assert reach(["def walk(f, x):\n    return x", line]).of("walk") is None


def test_an_answer_that_may_read_any_name_may_build_on_everything_and_others_need_not():
    cells = [
        "def walk(f, x):\n    return eval('slo' + 'pe')(f, x)",
        "def stay(f, x):\n    return x",
    ]
    assert reach(cells).of("walk") is None
    assert reach(cells).of("stay") is not None


def a_work(**more) -> Work:
    task = Task("s", ("s", "s"), Envelope("s.ipynb", b""), "secret")
    rebuilt = Rebuilt(NotebookNode(cells=[]), ())
    work = Work(task, Sheet("s", "s", "{}", ""), rebuilt, None, Graded("s", task.key))  # type: ignore[arg-type]
    vars(work).update(more)
    return work


def test_what_an_answer_builds_on_is_looked_for_in_bounded_time_all_together():
    asked = []

    def endless(name: str) -> frozenset[str]:
        asked.append(name)
        while True:
            pass

    work = a_work(reach=SimpleNamespace(of=endless), for_names=0.2)
    assert [work.used(find(name)) for name in ("square", "sigmoid", "square")] == [None] * 3
    assert asked == ["square"]


def test_words_define_nothing_and_are_not_read_as_python():
    work = a_work(waiting={"square": [NotebookNode()]})
    assert work.defined(nbformat.v4.new_code_cell("square = 1")) == {"square"}
    assert work.defined(nbformat.v4.new_markdown_cell("square = 1")) == set()
    work.for_names = 0.0
    assert work.defined(nbformat.v4.new_code_cell("square = 1")) == set()
