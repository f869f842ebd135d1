"""What an answer may build on: which names it reads when it is called, by way of others as well.

An answer is judged with the right answers to earlier exercises in their places, and with the
student's own; where it can use none of them, once is enough. Nothing here decides on points: what
is taken for a use makes no difference but of time, so every doubt is a use.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from autograder.grading.lean import Names, names, plain

MOST_STATEMENTS = 3000
"""Of the student's cells, all together; where there are more, an answer may use any name."""
DEFINES, IMPORTS, RUNS = range(3)
"""What a statement does: it defines a function or a plain class; it imports; or anything else."""
Found = tuple[tuple[Names, int], ...]
"""Of each statement of a cell its names, and what it does."""


@dataclass(frozen=True)
class Code:
    """The source of a code cell. own: it is the student's."""

    source: str
    own: bool


class Reach:
    """Of the answers of one notebook."""

    def __init__(self, cells: Sequence[Code]):
        self.links = _links(cells)

    def of(self, name: str) -> frozenset[str] | None:
        """The names that what is defined as `name` may use; None where it may be any."""
        if self.links is None:
            return None
        wanted, sofar = {name}, frozenset[str]()
        while wanted != sofar:
            sofar = frozenset(wanted)
            reached = [used for makes, used in self.links if makes & sofar]
            if None in reached:
                return None
            wanted |= {each for used in reached if used for each in used}
        return sofar


def _links(cells: Sequence[Code]) -> list[tuple[frozenset[str], frozenset[str] | None]] | None:
    """Of each statement what it may change, and what that may then use: None for any name."""
    found: list[tuple[Names, int, bool]] = []
    for cell in cells:
        statements = _statements(cell.source) if cell.own else statements_of_ours(cell.source)
        if statements is None:
            return None
        found += [(each, what, cell.own) for each, what in statements]
    if sum(own for _, _, own in found) > MOST_STATEMENTS:
        return None
    values = set().union(*(each.values for each, _, _ in found))
    modules = set().union(*(each.makes for each, what, _ in found if what == IMPORTS))
    bodies = {
        made: each.uses | each.makes | each.touches
        for each, what, _ in found
        if what == DEFINES
        for made in each.makes
    }
    links = []
    for each, what, own in found:
        makes = each.makes | (each.touches & values)
        if own and what == RUNS:
            makes |= _shared(each, bodies) - modules
        links.append((frozenset(makes), None if each.reads_any else each.uses))
    return links


def _shared(each: Names, bodies: dict[str, frozenset[str]]) -> frozenset[str]:
    """What a statement of the student's may change: all that it mentions, and all that the
    functions mention which it may call, as a decorator that enters a function in a table.
    """
    found = set(each.uses | each.makes | each.touches)
    waiting = list(found)
    while waiting:
        new = bodies.get(waiting.pop(), frozenset()) - found
        found |= new
        waiting += new
    return frozenset(found)


@lru_cache(maxsize=1024)
def statements_of_ours(source: str) -> Found | None:
    """Of a cell of the course's own, which every notebook of a lesson has."""
    return _statements(source)


def _statements(source: str) -> Found | None:
    """None where it cannot be told of one of them."""
    found: list[tuple[Names, int]] = []
    try:
        for statement in ast.parse(plain(source)).body:
            each = names(ast.unparse(statement))
            if each is None or len(found) > MOST_STATEMENTS:
                return None
            found.append((each, _what(statement)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tuple(found)


def _what(statement: ast.stmt) -> int:
    match statement:
        case ast.Import() | ast.ImportFrom():
            return IMPORTS
        case ast.FunctionDef(decorator_list=[]):
            return DEFINES
        case ast.ClassDef(decorator_list=[], bases=[], keywords=[], body=body):
            plain_ = all(isinstance(each, ast.FunctionDef | ast.Expr) for each in body)
            return DEFINES if plain_ else RUNS
    return RUNS
