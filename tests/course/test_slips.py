"""An earlier slip costs no later question, and neither does an earlier answer that is right.

For every pair of exercises of which the later one's right answer builds on the earlier one.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from autograder.course import Course
from autograder.exercises import earlier_than, find
from autograder.exercises.base import Exercise
from autograder.grading.lean import read
from autograder.judge import fairly, judge
from autograder.sample import solutions
from helpers.questions import LESSONS, names_in
from tests.conftest import ROOT


def uses(exercise: Exercise, source: str) -> set[str]:
    """The earlier exercises of the lesson that a source mentions."""
    found = read(source)
    return set(earlier_than(exercise.name)) & (found.whole.uses if found else set())


def pairs() -> Iterator[tuple[str, str, str]]:
    """The later exercise, the earlier one, and a right source of the later that uses it."""
    for lesson in LESSONS:
        worked = solutions(Course(ROOT).lesson(lesson))
        for name in names_in(lesson):
            exercise = find(name)
            others = (right.source for right in exercise.page.others)
            for source in (exercise.source, worked[name], *others):
                for earlier in sorted(uses(exercise, source)):
                    yield name, earlier, source


PAIRS = {(later, earlier): source for later, earlier, source in reversed(list(pairs()))}


class Calls(ast.NodeTransformer):
    """Change each call of a function of this name."""

    def __init__(self, name: str, change: Callable[[ast.Call], ast.Call]):
        self.name, self.change = name, change

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        called = isinstance(node.func, ast.Name) and node.func.id == self.name
        return self.change(node) if called else node


def calling(source: str, name: str, change: Callable[[ast.Call], ast.Call]) -> str:
    return ast.unparse(ast.fix_missing_locations(Calls(name, change).visit(ast.parse(source))))


def with_more(call: ast.Call) -> ast.Call:
    """`f(x)` becomes `f(x, more=1)`."""
    return ast.Call(call.func, call.args, [*call.keywords, ast.keyword("more", ast.Constant(1))])


def by_other_names(call: ast.Call) -> ast.Call:
    """`f(x, y)` becomes `f(mine_0=x, mine_1=y)`."""
    if call.keywords or any(isinstance(arg, ast.Starred) for arg in call.args):
        return call
    named = [ast.keyword(f"mine_{k}", arg) for k, arg in enumerate(call.args)]
    return ast.Call(call.func, [], named)


FURTHER = """
_{name} = {name}
def {name}(*args, more=0, **settings):
    return _{name}(*args, **settings)
"""
RENAMED = """
_{name} = {name}
def {name}(*args, **settings):
    mine = [settings.pop(name) for name in sorted(settings) if name.startswith("mine_")]
    return _{name}(*args, *mine, **settings)
"""
WRONG = """
def {name}(*args, **settings):
    return None
"""
FAILS = """
def {name}(*args, **settings):
    raise ValueError("a slip")
"""

STUDENTS = {
    "as the course has it": (lambda call: call, ""),
    "a further parameter": (with_more, FURTHER),
    "parameters of other names": (by_other_names, RENAMED),
    "a slip in it": (lambda call: call, WRONG),
    "an error in it": (lambda call: call, FAILS),
    "a slip, and a further parameter": (with_more, WRONG),
    "a slip, and parameters of other names": (by_other_names, WRONG),
}


def answer(exercise: Exercise, earlier: str, source: str, change: str) -> Callable:
    """The later answer as a student has it, beside their own earlier one."""
    module = vars(inspect.getmodule(exercise.reference))
    namespace = {"np": np, **module, **exercise.earlier}
    exec(find(earlier).source + change.format(name=earlier), namespace)
    exec(source, namespace)
    return namespace[exercise.name]


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_an_earlier_answer_costs_a_later_one_nothing(pair, student):
    later, earlier = pair
    change, definition = STUDENTS[student]
    if "other names" in student and inspect.isclass(find(earlier).reference):
        pytest.skip("a class is called by the exercise itself, too")
    exercise = find(later)
    made = answer(exercise, earlier, calling(PAIRS[pair], earlier, change), definition)
    wrong = {earlier} if definition in (WRONG, FAILS) else set()
    found = fairly(exercise, lambda right: judge(exercise, made, right=right), wrong)
    assert found.earned == exercise.points, str(found)


def test_there_are_pairs():
    assert len(PAIRS) > 10
