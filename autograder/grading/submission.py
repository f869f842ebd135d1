"""From what was handed in to what is graded: the course's notebook, with the student's in it.

Everything that the student wrote is taken: answers, cells of their own, pictures. The course's text
and its test cells are the release's; no metadata, tag or output of the file is used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from autograder.course import OWN, TEST_PREFIX, grade_id, is_grade, is_solution, is_task
from autograder.grading.envelope import Envelope
from autograder.grading.files import Unreadable
from autograder.grading.forms import SubmittedCell, read_cells
from autograder.grading.places import Placed, normal, placed, untouched
from autograder.playing.patience import TooLong, within

RUN = "; they were run"
PATIENCE = 10.0
"""Seconds to make sense of a file's cells."""
ENDLESS = "the file cannot be read in time: it holds too much, or cells that belong together"
MOST_NAMED = 3
"""Files that a sentence names."""
OF_MANY = {
    "was deleted: it was put back": "were deleted: they were put back",
    "was changed: the course's own was used": "were changed: the course's own were used",
    "is missing: it counts as unanswered": "are missing: they count as unanswered",
    "was not found: a person looks for it": "were not found: a person looks for them",
    "was found in another cell, by its name": "were found in other cells, by their names",
}
"""What is said of one cell, and of many."""
OF_ONE = re.compile(f"the (answer cell|test cell|answer) (.+) ({'|'.join(OF_MANY)})")
NOT_JUDGED = "every question counts as unanswered"


@dataclass(frozen=True)
class Rebuilt:
    """The notebook to grade, and what was done, in words.

    elsewhere: grade ids of answers that stand in cells of the student's own; their own cells are as
    they were released, and not played. waits: grade ids of those that a person must look at.
    """

    notebook: NotebookNode
    notes: tuple[str, ...]
    elsewhere: frozenset[str] = frozenset()
    waits: frozenset[str] = frozenset()


def rebuild(release: NotebookNode, handed: Envelope) -> Rebuilt:
    """The release with all that the student wrote in it; an unreadable file counts as unanswered.

    What a person grades waits for one all the same, where there may be an answer that cannot be
    read.
    """
    notebook = nbformat.from_dict(json.loads(json.dumps(release)))
    try:
        made, said = _chosen(notebook, handed)
    except Unreadable as reason:
        missing = handed.missing and not (handed.others or handed.files or handed.left)
        by_hand = [c for c in notebook.cells if is_solution(c) and is_grade(c)]
        waits = frozenset(map(grade_id, by_hand if not missing else ()))
        return Rebuilt(notebook, (f"{reason}; {NOT_JUDGED}", *handed.left), waits=waits)
    notes = (*said, *_notes(made), *handed.left)
    for place, cell in enumerate(notebook.cells):
        if is_solution(cell) and place in made.found:
            _fill(cell, made.found[place])
    notebook.cells = list(_with_own(notebook, made))
    return Rebuilt(notebook, notes, _elsewhere(made), _waits(made))


def _fill(cell: NotebookNode, answer: SubmittedCell) -> None:
    cell.source = without_nul(answer.source)
    if cell.cell_type == "markdown" and answer.attachments:
        cell["attachments"] = answer.attachments  # the grader keeps its pictures


def _with_own(notebook: NotebookNode, made: Placed) -> Iterator[NotebookNode]:
    with_ids = notebook.nbformat_minor >= 5
    taken = {cell.get("id") for cell in notebook.cells}
    count = 0
    for place in range(-1, len(notebook.cells)):
        if place >= 0:
            yield notebook.cells[place]
        for cell in made.own.get(place, ()):
            new = nbformat.v4.new_code_cell if cell.code else nbformat.v4.new_markdown_cell
            own = new(without_nul(cell.source))
            own.metadata[OWN] = True
            if not cell.code and cell.attachments:
                own["attachments"] = cell.attachments
            while with_ids and (own.id in taken or not count):
                count += 1
                own.id = f"own-{count}"
            taken.add(own.pop("id") if not with_ids else own.id)
            yield own


def _elsewhere(made: Placed) -> frozenset[str]:
    return frozenset(grade_id(made.release[i]) for i in made.elsewhere)


def _waits(made: Placed) -> frozenset[str]:
    """What is graded by a person, and is or may be answered in a cell that is not its own."""
    places = made.beside | made.elsewhere | {*filter(made.untold, range(len(made.release)))}
    names = {grade_id(made.release[i]) for i in places if is_grade(made.release[i])}
    if made.own:
        strange = made.strange
        names |= {
            grade_id(c)
            for c in made.release
            if is_task(c) or (strange and is_solution(c) and is_grade(c))
        }
    return frozenset(names)


# --- Which file -----------------------------------------------------------------------------------


def _chosen(release: NotebookNode, handed: Envelope) -> tuple[Placed, list[str]]:
    """The file with the most answers, the one of the right name before others; what is said of it.

    Raises `Unreadable` where there is none that can be read.
    """
    reason = Unreadable(handed.unreadable) if handed.content is None else None
    files = {} if handed.content is None else {handed.name: handed.content}
    read: dict[str, Placed] = {}
    for name, content in {**files, **handed.others}.items():
        try:
            with within(PATIENCE):
                read[name] = placed(release, read_cells(content, name))
        except (Unreadable, TooLong) as error:
            if name == handed.name:
                reason = error if isinstance(error, Unreadable) else Unreadable(ENDLESS)
    if not read:
        raise _nothing(handed, reason)
    best = max(read, key=lambda name: read[name].answered)  # the first of those with as many
    if best != handed.name and not (read[best].found or read[best].elsewhere):
        why = reason or f"{handed.name} is as it was released"
        raise Unreadable(f"{why}; beside it lies {best}, which is not of this lesson")
    return read[best], list(_of_files(handed, reason, read, best))


def _nothing(handed: Envelope, reason: Unreadable | None) -> Unreadable:
    """Why there is no notebook, and what lies there in its place."""
    there = ", ".join(sorted(handed.files)[:MOST_NAMED])
    more = f" and {len(handed.files) - MOST_NAMED} more" if len(handed.files) > MOST_NAMED else ""
    if not (handed.missing and there):
        return reason or Unreadable("there is no notebook")
    return Unreadable(f"{reason}, and no notebook is in what lies there ({there}{more})")


def _of_files(
    handed: Envelope, reason: Unreadable | None, read: dict[str, Placed], best: str
) -> Iterator[str]:
    if best != handed.name:
        if reason is not None:
            why = str(reason)
        elif read[handed.name].answered:
            why = f"{handed.name} holds fewer answers"
        else:
            why = f"{handed.name} is as it was released"
        yield f"{why}: {best} was graded in its place"
    known = _written(read[best])
    more = [n for n in read if n != best and read[n].answered and _written(read[n]) - known]
    for name in more:
        yield f"{name} lies beside it, with other answers: it was not graded"


def _written(made: Placed) -> set[str]:
    answers = (c for i, c in made.found.items() if is_solution(made.release[i]))
    return {normal(c.source) for c in answers} - set(made.texts)


# --- What is said ---------------------------------------------------------------------------------


def _notes(made: Placed) -> Iterator[str]:
    if made.strange:
        what = "none of this lesson's answers and checks" if made.own else "nothing"
        yield f"there is {what} in this notebook, perhaps it is another's; {NOT_JUDGED}"
        yield from _of_own(made)
        return
    if made.lost:
        yield (
            "the file has lost the cells' ids: answers were found by what they define and "
            "where they stand"
        )
    yield from _together([*_of_cells(made)])
    yield from _of_own(made)


def _of_cells(made: Placed) -> Iterator[str]:
    for place, cell in enumerate(made.release):
        if not grade_id(cell):
            continue
        if is_solution(cell):
            yield from _of_answer(made, place)
        elif is_grade(cell) and cell.cell_type == "code" and not made.lost:
            yield from _of_test(made, place)


def _together(notes: list[str]) -> Iterator[str]:
    """Where the same is true of many cells, it is said once."""
    alike: dict[tuple[str, str], list[str]] = {}
    for note in notes:
        if found := OF_ONE.fullmatch(note):
            alike.setdefault((found[1], found[3]), []).append(found[2])
    for note in notes:
        found = OF_ONE.fullmatch(note)
        names = alike[found[1], found[3]] if found else []
        if len(names) <= MOST_NAMED or found is None:
            yield note
        elif found[2] == names[0]:
            some, more = ", ".join(names[:MOST_NAMED]), len(names) - MOST_NAMED
            yield f"the {found[1]}s {some} and {more} more {OF_MANY[found[3]]}"


def _of_answer(made: Placed, place: int) -> Iterator[str]:
    ours, cell = made.release[place], made.found.get(place)
    name = grade_id(ours)
    if place in made.elsewhere:
        yield f"the answer {name} was found in another cell, by its name"
    elif made.untold(place):
        yield f"the answer cell {name} was not found: a person looks for it"
    elif cell is None and place not in made.beside:
        yield f"the answer cell {name} is missing: it counts as unanswered"
    if cell is None:
        return
    if made.copies.get(place, 0) > 1:
        times = made.copies[place]
        what = "was run" if cell.code else "is shown"
        yield f"the answer cell {name} stands {times} times: what was written in each {what}"
    if cell.grade_id not in ("", name) and cell.id == ours.get("id"):
        yield f"the answer cell {name} was renamed: it was found by its id"
    if cell.code != (ours.cell_type == "code"):
        yield f"the answer cell {name} had another type: it was put right"


def _of_test(made: Placed, place: int) -> Iterator[str]:
    ours, cell = made.release[place], made.found.get(place)
    name = grade_id(ours)
    if cell is None:
        held = (normal(c.source) for c in (*made.found.values(), *made.every_own()))
        merged = any(made.texts[place] in text for text in held)
        if not merged and not _is_new(made, name):
            yield f"the test cell {name} was deleted: it was put back"
    elif not cell.code or (made.texts[place] not in normal(cell.source) and not untouched(cell)):
        yield f"the test cell {name} was changed: the course's own was used"
    elif made.copies.get(place, 0) > 1:
        yield f"the test cell {name} stands {made.copies[place]} times: it counts once"


def _is_new(made: Placed, test: str) -> bool:
    """Whether its answer's cell is missing, too: the question may be newer than the notebook."""
    names = [grade_id(cell) for cell in made.release]
    answer = test.removeprefix(TEST_PREFIX)
    return answer in names and names.index(answer) not in made.found.keys() | made.elsewhere


def _of_own(made: Placed) -> Iterator[str]:
    edited = [made.found[i] for i in made.edited if not is_grade(made.release[i])]
    changed = [c for c in edited if c.code]
    tests = [made.found[i] for i in made.edited if is_grade(made.release[i])]
    ours = {grade_id(cell) for cell in made.release} - {""}
    told = [*edited, *tests, *(c for c in made.every_own() if c.grade_id in ours)]
    added = [c for c in made.every_own() if c.code and not any(c is each for each in told)]
    if added:
        some = _cells(len(added), "cell")
        were = _were(len(added))
        if made.lost:
            yield f"{some} of other text than the course's {were} run"
        else:
            yield f"you added {some}" + ("; it was run" if len(added) == 1 else RUN)
    if changed:
        some = _cells(len(changed), "cell")
        yield f"you changed {some} of the course's; yours {_were(len(changed))} run after ours"


def _cells(count: int, what: str) -> str:
    return f"{count} {what}" + "s" * (count != 1)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def without_nul(source: str) -> str:
    """A source that can be stored: no database and no parser takes a NUL or half a character."""
    return source.replace("\0", "").encode("utf-8", "replace").decode()
