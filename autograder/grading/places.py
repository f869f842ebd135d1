"""Which cells of a submission are the course's, which are answers, and where the others stand.

An answer is found by its mark or its id; else by what it defines, and by where it stands. What is
neither the course's nor an answer is the student's own, and keeps its place.
"""

from __future__ import annotations

import ast
import hashlib
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from autograder.course import grade_id, is_grade, is_solution
from autograder.grading.forms import SubmittedCell, with_plain_ends
from autograder.grading.lean import plain

MAKES = re.compile(
    r"^(?:async +)?(?:def|class) +([^\W\d]\w*)|^([^\W\d]\w*) *(?::[^=\n]+)?=(?!=)", re.MULTILINE
)
"""A definition at the beginning of a line, where a source cannot be parsed."""


@lru_cache(maxsize=4096)
def defines(source: str) -> frozenset[str]:
    """The names that a cell binds at its top level, as far as its source says so.

    A cell that is indented as a whole runs as if it were not, as in Jupyter.
    """
    source = textwrap.dedent(source)
    try:
        return frozenset(_bound(ast.parse(plain(source)).body))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(name for pair in MAKES.findall(source) for name in pair if name)


def _bound(body: Iterable[ast.stmt]) -> Iterator[str]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name).split(".")[0] for alias in names)
            case ast.Assign(targets=targets):
                yield from (name for target in targets for name in _names(target))
            case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
                yield from _names(target)
            case ast.If() | ast.For() | ast.While() | ast.With() | ast.Try():
                yield from _bound(node.body)
                yield from _bound(getattr(node, "orelse", []))
                yield from _bound(getattr(node, "finalbody", []))
                for handler in getattr(node, "handlers", []):
                    yield from _bound(handler.body)


def _names(target: ast.expr) -> Iterator[str]:
    return (n.id for n in ast.walk(target) if isinstance(n, ast.Name))


def normal(source: str) -> str:
    """A source without what editors change by themselves: ends of lines, and blanks there."""
    return "\n".join(line.rstrip() for line in with_plain_ends(source).strip().split("\n"))


def untouched(cell: SubmittedCell) -> bool:
    """Whether it is as some release of ours had it: its id, or nbgrader's checksum, says so.

    So that nobody is said to have changed what the course has changed since.
    """
    text = f"{cell.kind}\n{cell.source}"
    if (
        cell.id
        and cell.id.split("-")[0]
        == hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
    ):
        return True
    about = {"cell_type": cell.kind, "source": cell.source, "metadata": {"nbgrader": cell.mark}}
    try:
        return bool(compute_checksum(nbformat.from_dict(about)) == cell.mark["checksum"])
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError):  # it is no mark
        return False


@dataclass
class Placed:
    """Where everything that was handed in belongs.

    release: the course's cells. found: for a cell of the release, by its place, the cell that was
    handed in for it. own: the student's own cells, by the place after which they stand (-1 is the
    beginning). copies: how often a cell of ours was handed in. edited: places of the course's cells
    that the student has changed; those versions are among `own`. lost: it has no ids and marks of
    ours. foreign: it has another's.
    elsewhere: places of answers that stand in cells of the student's own. beside: places of answers
    in words that stand beside their cells. guessed: places of code found by where it stands alone.
    """

    release: list[NotebookNode]
    found: dict[int, SubmittedCell] = field(default_factory=dict)
    own: dict[int, list[SubmittedCell]] = field(default_factory=dict)
    copies: dict[int, int] = field(default_factory=dict)
    edited: set[int] = field(default_factory=set)
    elsewhere: set[int] = field(default_factory=set)
    beside: set[int] = field(default_factory=set)
    guessed: set[int] = field(default_factory=set)
    lost: bool = False
    foreign: bool = False

    @cached_property
    def texts(self) -> list[str]:
        return [normal(cell.source) for cell in self.release]

    def blank(self, place: int) -> bool:
        """Whether this answer's own cell is missing, empty, or as it was released."""
        cell = self.found.get(place)
        return cell is None or _is_blank(self, place, cell)

    def asked(self, place: int) -> frozenset[str]:
        """The names that this answer is to define: those in its cell, or the exercise's own."""
        ours = self.release[place]
        return defines(ours.source) or frozenset({grade_id(ours)})

    def untold(self, place: int) -> bool:
        """Whether code that a person grades was not found, in a file where it may be any cell."""
        ours = self.release[place]
        by_hand = is_solution(ours) and is_grade(ours) and ours.cell_type == "code"
        if not (by_hand and self.lost) or place in self.found or place in self.elsewhere:
            return False
        return bool(self.guessed) or any(cell.code for cell in self.every_own())

    @property
    def strange(self) -> bool:
        """Whether there is no answer and no check of this lesson in it.

        Words may be an answer, but not those of a notebook that is another's by its marks.
        """
        asked = (i for i, cell in enumerate(self.release) if is_solution(cell) or is_grade(cell))
        answers = self.elsewhere if self.foreign else self.elsewhere | self.beside
        return self.found.keys().isdisjoint(asked) and not answers

    def every_own(self) -> list[SubmittedCell]:
        return [cell for i in sorted(self.own) for cell in self.own[i]]

    @property
    def answered(self) -> int:
        """How many answers there are."""
        places = (i for i, cell in enumerate(self.release) if is_solution(cell))
        return sum(not self.blank(i) or i in self.elsewhere | self.beside for i in places)


def placed(release: NotebookNode, submitted: list[SubmittedCell]) -> Placed:
    made = Placed(release.cells)
    ids = _ids(made)
    owners = _owners(made, submitted, ids)
    made.lost = not any(c.id in ids or c.grade_id in ids for c in submitted)
    made.foreign = made.lost and any(c.grade_id for c in submitted)
    _put_own(made, submitted, owners)
    _find_the_rest(made)
    return made


def _ids(made: Placed) -> dict[str, int]:
    ids = {cell.get("id", ""): i for i, cell in enumerate(made.release)}
    ids |= {grade_id(cell): i for i, cell in enumerate(made.release)}
    return {name: i for name, i in ids.items() if name}


def _owners(made: Placed, submitted: list[SubmittedCell], ids: dict[str, int]) -> list[int | None]:
    """For each cell that was handed in the place of ours that it is; `found` is filled."""
    owners = [ids.get(c.id, ids.get(c.grade_id)) for c in submitted]
    for k, place in enumerate(owners):
        if place is None:
            continue
        written = not is_solution(made.release[place]) or not _is_blank(made, place, submitted[k])
        made.copies[place] = made.copies.get(place, 0) + written
        by_id = submitted[k].id in (grade_id(made.release[place]), made.release[place].get("id"))
        other = made.found.get(place)
        better = by_id and other is not None and ids.get(other.id) != place
        if other is None or (written and (better or _is_blank(made, place, other))):
            made.found[place] = submitted[k]
    before = -1
    for k, cell in enumerate(submitted):
        if owners[k] is None and (text := normal(cell.source)):
            same = [i for i, ours in enumerate(made.texts) if ours == text]
            free = [i for i in same if i not in made.found]
            owners[k] = next((i for i in free if i > before), next(iter(free or same), None))
            if free:
                made.found[owners[k]] = cell  # type: ignore[index]
        if (place := owners[k]) is not None:
            before = place
    return owners


def _is_blank(made: Placed, place: int, cell: SubmittedCell) -> bool:
    return normal(cell.source) in ("", made.texts[place])


def _put_own(made: Placed, submitted: list[SubmittedCell], owners: list[int | None]) -> None:
    """Every cell that is neither ours nor an answer, behind the cell that it stood behind."""
    last = -1
    for k, cell in enumerate(submitted):
        place = owners[k]
        if place is not None and made.found.get(place) is cell:
            last = place
            if not _changed(made, place, cell):
                continue
            made.edited.add(place)
            # Behind ours it takes effect; before a check it may hold the answer.
            after = place - 1 if is_grade(made.release[place]) else place
            made.own.setdefault(after, []).append(cell)
        elif _is_own(made, place, cell):
            made.own.setdefault(_passing_what_is_missing(made, last), []).append(cell)


def _is_own(made: Placed, place: int | None, cell: SubmittedCell) -> bool:
    """Whether the student wrote it: not a copy of ours, nor ours of another release."""
    text = normal(cell.source)
    return bool(text) and not ((place is not None and text == made.texts[place]) or untouched(cell))


def _changed(made: Placed, place: int, cell: SubmittedCell) -> bool:
    """Whether the student has changed this cell, which is no answer."""
    ours = made.release[place]
    text = normal(cell.source)
    if is_solution(ours) or text in ("", made.texts[place]):
        return False
    return not untouched(cell)


def _passing_what_is_missing(made: Placed, place: int) -> int:
    """Cells of ours that are missing go before the student's own, which may stand for them."""
    following = place + 1
    while following < len(made.release):
        cell = made.release[following]
        if following in made.found or is_solution(cell) or is_grade(cell):
            break
        following += 1
    ends = following == len(made.release)
    return place if ends or following not in made.found else following - 1


# --- Answers without their marks ------------------------------------------------------------------


def _find_the_rest(made: Placed) -> None:
    """Answers whose cells are blank or missing, in cells of the student's own."""
    for place, ours in enumerate(made.release):
        if not is_solution(ours) or not made.blank(place):
            continue
        near = _near(made, place)
        code = ours.cell_type == "code"
        if code and _find_by_name(made, place, near):
            continue
        same = [c for c in near if c.code == code]
        if same and place not in made.found and not (code and defines(ours.source)):
            _take(made, place, same[0])
            made.guessed |= {place} if code else set()
        elif not code and (same or any(map(_may_be_words, (*near, *_added(made, place))))):
            made.beside.add(place)


def _near(made: Placed, place: int) -> list[SubmittedCell]:
    """The student's own cells around this answer's place, as far back as a cell that was found."""
    first = max((i for i in made.found if i < place), default=place - 1)
    return [cell for i in range(first, place + 1) for cell in made.own.get(i, ())]


def _added(made: Placed, place: int) -> list[SubmittedCell]:
    """Texts that the student has added at the end, or anywhere where this answer's cell is gone."""
    edited = [made.found[i] for i in made.edited]
    end = made.own.get(len(made.release) - 1, [])
    own = (cell for cell in (end if place in made.found else made.every_own()) if not cell.code)
    return [cell for cell in own if not any(cell is each for each in edited)]


def _may_be_words(cell: SubmittedCell) -> bool:
    """Whether it may answer in words: a text, or code that is comments and texts alone."""
    if not cell.code:
        return True
    try:
        body = ast.parse(plain(cell.source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return not defines(cell.source)
    return all(isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) for n in body)


def _find_by_name(made: Placed, place: int, near: list[SubmittedCell]) -> bool:
    """Whether a cell defines what this answer is to define."""
    asked = made.asked(place)
    others = [c for c in made.every_own() if c.code and asked & defines(c.source)]
    others += [
        c
        for i, c in made.found.items()
        if i != place and is_solution(made.release[i]) and asked & defines(c.source)
        and not made.blank(i)
    ]  # fmt: skip
    if len(others) == 1 and others[0] in near and place not in made.found:
        _take(made, place, others[0])
    elif others:
        made.elsewhere.add(place)
    return bool(others)


def _take(made: Placed, place: int, cell: SubmittedCell) -> None:
    """This cell of the student's own is the answer that is missing here.

    What stood behind it stands behind it still.
    """
    made.found[place] = cell
    for i, cells in list(made.own.items()):
        k = next((k for k, each in enumerate(cells) if each is cell), None)
        if k is not None:
            made.own[i] = cells[:k]
            made.own[place] = [*cells[k + 1 :], *(made.own.get(place, []))]
