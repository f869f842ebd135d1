"""What an answer may build on: which names it reads when it is called, by way of others as well.

An answer is judged with the right answers to earlier exercises in their places, and with the
student's own; where it can use none of them, once is enough. Nothing here decides on points: what
is taken for a use makes no difference but of time, so every doubt is a use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.grading.lean import DEFINES, IMPORTS, MOST_STATEMENTS, RUNS, Names, Read


@dataclass(frozen=True)
class Code:
    """A code cell: what it says, None where that is not known. own: it is the student's."""

    read: Read | None
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
        if cell.read is None or cell.read.statements is None:
            return None
        found += [(each, what, cell.own) for each, what in cell.read.statements]
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
