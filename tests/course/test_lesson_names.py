"""Names in a lesson's cells: a cell that is run again changes no later cell behind its back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import jupytext
import pytest

from autograder.course import Course
from autograder.grading.scopes import free, table, with_generators
from tests.conftest import ROOT

LESSONS = {lesson.name: lesson for lesson in Course(ROOT).lessons()}
OVERWRITTEN = {
    "06-training": {"chosen"},
    "07-loss-landscapes": {"Dense", "ReLU", "momentum", "adam"},
}
"""What a later cell is meant to replace: settings by those of a search, and answers by one's own of
earlier lessons."""


def bound(tree: ast.AST) -> Iterator[str]:
    """The names that a cell leaves behind."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp():
                pass
            case ast.GeneratorExp():
                pass
            case _:
                yield from bound(node)


def used(source: str) -> set[str]:
    """The notebook's names that a cell, or a function in it, reads."""
    tree = with_generators(ast.parse(source))
    return free(tree, table(tree))


@pytest.mark.parametrize("name", LESSONS)
def test_no_two_cells_give_one_name_to_what_a_third_reads(name):
    """One cell's `l2` was another's strength of a penalty, and whoever ran it again was told that
    right answers are wrong."""
    cells = jupytext.read(LESSONS[name].path, fmt="md:myst").cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    sources = [source for source in sources if not source.lstrip().startswith("%")]
    leave = [set(bound(ast.parse(source))) for source in sources]
    twice = set()
    for k, source in enumerate(sources):
        reads = used(source) - leave[k]
        twice |= {one for one in reads if sum(one in before for before in leave[:k]) > 1}
    assert twice == OVERWRITTEN.get(name, set())
