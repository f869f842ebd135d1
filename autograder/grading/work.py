"""The grading of one notebook, cell by cell: played in the sandbox, judged from here."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial

from nbformat import NotebookNode

from autograder.course import (
    TEST_PREFIX,
    grade_id,
    is_grade,
    is_judged,
    is_own,
    is_solution,
    is_task,
    mark,
)
from autograder.exercises import stand_ins, without_page
from autograder.exercises.base import Exercise
from autograder.grading.by_cell import by_its_cell, said_of
from autograder.grading.effects import acts
from autograder.grading.failures import UNDEFINED, Failures, label
from autograder.grading.lean import Cell, Read, needed, read, read_ours
from autograder.grading.places import defines
from autograder.grading.reach import Code, Reach
from autograder.grading.sheet import Sheet
from autograder.grading.submission import RUN, Rebuilt
from autograder.grading.task import Graded, Mark, Task
from autograder.grading.verdicts import ends_undefined, marked, misses, shown
from autograder.judge import VERDICT, diagnose, fairly, judge, nothing, seed_of
from autograder.playing.patience import Spent, TooLong, within
from autograder.playing.player import Part, Player
from autograder.sandbox.remote import muted
from autograder.sandbox.session import Session, Stopped
from helpers._text import printable
from helpers.judging.diagnosis import Diagnosis
from helpers.judging.verdict import Verdict

PATIENCE_FOR_WHY = 10.0
"""Seconds to find out why an answer is wrong; no points depend on it."""
MOST_LATE = 3
"""Answers behind their test that are judged: whoever guesses has no more guesses than that."""
PATIENCE_FOR_NAMES = 10.0
"""Seconds, all together, to find out which cells a grade needs, and which names an answer; after
them all are played, and all names count."""


def read_ahead(sheet: Sheet) -> None:
    """Read the cells that every notebook of a lesson has: what they use, and what they do."""
    for cell in sheet.cells.cells:
        if cell.cell_type == "code" and not is_solution(cell):
            read_ours(cell.source)


@dataclass
class Work:
    """The grading of one notebook, cell by cell."""

    task: Task
    sheet: Sheet
    rebuilt: Rebuilt
    player: Player
    graded: Graded
    stopped: dict[str, Stopped] = field(default_factory=dict)
    """What stopped an answer's own cell, by its grade id."""
    failures: Failures = field(default_factory=Failures)
    names: list[str] = field(default_factory=list)
    """What the cells are called that were played, in order."""
    stood_in: set[str] = field(default_factory=set)
    """Exercises whose right answers the student's process has had."""
    late: Counter[str] = field(default_factory=Counter)
    """How often an answer that stands behind its test was judged."""
    answered: set[str] = field(default_factory=set)
    """Exercises whose answer has come to something at least once: it is there, and has guessed."""
    guessed: set[str] = field(default_factory=set)
    """Where any question has: who is asked on then hears that a guess was right."""
    for_names: float = PATIENCE_FOR_NAMES
    """Seconds that are left to find out what is needed."""
    reached: dict[str, frozenset[str] | None] = field(default_factory=dict)
    """What each answer may build on."""
    known: dict[str, Read | None] = field(default_factory=dict)
    """What the student's cells say, by their source."""
    in_haste: bool = True
    """Until an answer had to be stopped."""
    beside: frozenset[str] = frozenset()
    """With whose right answers the last one was judged."""
    hurried: bool = False
    """Whether it was stopped when calls had been made together."""
    waiting: dict[str, list[NotebookNode]] = field(default_factory=dict)
    """Test cells that found no answer, by the name that was missing: it may come later."""

    @property
    def notebook(self) -> NotebookNode:
        return self.rebuilt.notebook

    def do(self) -> None:
        for cell in self.notebook.cells:
            if not (is_solution(cell) or is_own(cell)):
                cell.source = self.sheet.sources.get(grade_id(cell), cell.source)
        played, count = self.played(), 0
        for cell in self.notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            if id(cell) in played:
                count += 1
                cell.execution_count = count
                self.run(cell, str(cell.source), played[id(cell)])
            if is_grade(cell) or is_task(cell):
                self.mark(cell)
            elif is_own(cell) or is_solution(cell):
                self.mark_late(cell)

    def played(self) -> dict[int, Part]:
        """The cells that are played, by their identity, and what is needed of each."""
        elsewhere = self.rebuilt.elsewhere
        code = [
            c
            for c in self.notebook.cells
            if c.cell_type == "code" and c.source.strip() and grade_id(c) not in elsewhere
        ]
        graded = [is_solution(c) or is_grade(c) for c in code]
        plays = used = acting = [True] * len(code)
        try:
            with self.finding_names():
                if self.sheet.bank and not self.task.whole:
                    fixed = [is_own(c) or g for c, g in zip(code, graded, strict=True)]
                    plays = self.needed(code, fixed)
                if any(map(is_own, code)):
                    used = self.needed(code, graded)
                    own = [is_own(c) and not u for c, u in zip(code, used, strict=True)]
                    act = acts([str(c.source) for c in code], [*map(self.read, code)], own)
                    acting = self.needed(code, [*map(any, zip(graded, act, strict=True))])
        except TooLong:
            return {id(c): Part.NEEDED for c in code}
        return {
            id(c): Part.NEEDED if u or not is_own(c) else Part.ACTING if a else Part.EXTRA
            for c, p, u, a in zip(code, plays, used, acting, strict=True)
            if p
        }

    def needed(self, code: Sequence[NotebookNode], anyway: Sequence[bool]) -> list[bool]:
        """Whether each of these cells is needed, where some are anyway."""
        return needed([Cell(self.read(c), not a) for c, a in zip(code, anyway, strict=True)])

    def read(self, cell: NotebookNode) -> Read | None:
        """What a cell says. One of the student's is read once, and forgotten with the notebook."""
        source = str(cell.source)
        if not (is_own(cell) or is_solution(cell)):
            return read_ours(source)
        if source not in self.known:
            self.known[source] = read(source)
        return self.known[source]

    @contextlib.contextmanager
    def finding_names(self) -> Iterator[None]:
        """Within what is left for it of this notebook. Raises `TooLong`."""
        if self.for_names <= 0:
            raise TooLong(f"it took longer than {PATIENCE_FOR_NAMES:g} s")
        spent = Spent()
        try:
            with within(self.for_names) as spent:
                yield
        finally:
            self.for_names -= spent.seconds

    def run(self, cell: NotebookNode, source: str, part: Part = Part.NEEDED) -> None:
        own = is_own(cell)
        self.names.append(f"“{label(source)}”" if own else grade_id(cell))
        cell.outputs, stop = self.player.play(source, own, part)
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
        if stop and not own:
            self.stopped[grade_id(cell)] = stop
        if own or is_solution(cell):
            error = str(stop) if stop else self.error(cell)
            if error:
                self.failures.add(cell, source, error)

    def error(self, cell: NotebookNode) -> str:
        """The error that ended a cell, in a line."""
        errors = [o for o in cell.outputs if o.output_type == "error"]
        return said_of(f"{errors[-1].ename}: {errors[-1].evalue}") if errors else ""

    def as_it_went(self, notes: Iterable[str]) -> Iterator[str]:
        """What was said beforehand of added cells, and how many of them were not run after all."""
        skipped = [stop for stop in self.player.faults.values() if stop.reason == "extras"]
        for note in notes:
            yield note.removesuffix(RUN) if skipped else note
        if skipped:
            yield f"{len(skipped)} of the cells that you added were not run: {skipped[0].why}"

    def missing(self) -> Iterator[str]:
        """Cells that ran at first and failed when run again: what they define was gone then."""
        for place, stop in self.player.again.items():
            name = self.names[place] or "of the course's own"
            yield f"the cell {name} failed when it was run again in a fresh process ({stop})"

    # --- Points

    def mark(self, cell: NotebookNode) -> None:
        name = grade_id(cell)
        exercise = name.removeprefix(TEST_PREFIX)
        if self.task.question not in (None, exercise, name):
            return
        of = float(mark(cell)["points"])
        if name in self.rebuilt.waits or is_task(cell):
            self.graded.marks[name] = Mark(None, of)
        elif self.sheet.bank and is_judged(cell):
            self.judge(cell, exercise, of)
        else:
            self.by_its_cell(cell, of)

    def by_its_cell(self, cell: NotebookNode, of: float) -> None:
        """The points that the assignment's own test cell gives."""
        name = grade_id(cell)
        found = by_its_cell(cell, of, self.stopped.get(name))
        if missed := UNDEFINED.match(found.reason):
            self.wait(cell, missed[1])
            found = replace(found, reason=self.failures.behind(found.reason) or found.reason)
        self.graded.marks[name] = found

    def judge(self, cell: NotebookNode, exercise: str, of: float) -> None:
        task = self.task
        seed = seed_of(task.secret, task.student, exercise, task.handed_in)
        stop = self.stopped.get(grade_id(cell))
        found = self.verdict(without_page(exercise), seed, stop)
        verdict = self.because(found)
        earlier = self.graded.marks.get(grade_id(cell))
        if earlier is None or verdict.earned > (earlier.points or 0.0):
            cell.outputs = [o for o in cell.outputs if VERDICT not in o.get("data", {})]
            cell.outputs.append(shown(verdict))
            self.graded.marks[grade_id(cell)] = marked(verdict, of)
        rounds = 1 if exercise in self.guessed else MOST_LATE
        if misses(found) and exercise not in self.answered and self.late[exercise] < rounds:
            missed = UNDEFINED.search(found.reason)
            for name in {exercise, *(missed.groups() if missed else ())}:
                self.wait(cell, name)

    def wait(self, cell: NotebookNode, name: str) -> None:
        cells = self.waiting.setdefault(name, [])
        if not any(cell is each for each in cells):
            cells.append(cell)

    def mark_late(self, cell: NotebookNode) -> None:
        """An answer is judged when it is there, where it or its helper stands behind its test."""
        ready: list[NotebookNode] = []
        for name in sorted(self.waiting.keys() & self.defined(cell)):
            tests = self.waiting.pop(name)
            ready += [test for test in tests if not any(test is each for each in ready)]
        for test in ready:
            self.late[grade_id(test).removeprefix(TEST_PREFIX)] += 1
            if not (self.sheet.bank and is_judged(test)):
                self.run(test, str(test.source))
            self.mark(test)

    def defined(self, cell: NotebookNode) -> frozenset[str]:
        """The names that this cell may define; none where to find that out takes too long."""
        if cell.cell_type != "code" or not self.waiting:
            return frozenset()
        try:
            with self.finding_names():
                return defines(str(cell.source))
        except TooLong:
            return frozenset()

    def because(self, verdict: Verdict) -> Verdict:
        """With what went wrong first, where a name is missing because another cell failed."""
        findings = []
        for each in verdict.findings:
            first = self.failures.behind(each.wrong or "")
            findings.append(replace(each, wrong=f"{first}\n{each.wrong}") if first else each)
        if tuple(findings) == verdict.findings:
            return verdict
        return replace(verdict, findings=tuple(findings), diagnosis=Diagnosis())

    def verdict(self, exercise: Exercise, seed: int, stop: Stopped | None) -> Verdict:
        """No points where the answer's cell was stopped, or its checks, if by no earlier answer."""
        wrong = [
            name.removeprefix(TEST_PREFIX)
            for name, mark in self.graded.marks.items()
            if (mark.points or 0.0) < mark.of
        ]
        own = self.stopped.get(exercise.name)
        if own or (stop and self.every(exercise).isdisjoint(wrong)):
            return nothing(exercise, str(own or stop), seed)
        try:
            verdict = self.fair(exercise, seed, wrong)
        except Stopped as stop:
            return nothing(exercise, str(stop), seed)
        return self.explained(exercise, verdict) if verdict.puzzling else verdict

    def fair(self, exercise: Exercise, seed: int, wrong: list[str]) -> Verdict:
        """The best verdict. Raises `Stopped`.

        In haste calls are made that a wrong answer would not have seen, and an earlier answer of
        the student's own may be slow: where one is stopped then, there is no haste any more, for
        this answer and for what comes after it. With the same right answers it is judged once:
        else it would have more guesses than three. Nor is it where haste made no difference.
        """
        ask, used = cache(partial(self.asked, exercise, seed)), self.used(exercise)
        if self.in_haste:
            begun = self.player.moment()
            try:
                return fairly(exercise, ask, wrong, (), used, quick=True)
            except Stopped:
                if not self.hurried and self.beside == self.every(exercise):
                    raise
                self.in_haste = False
                self.player.pardon(begun)
        return fairly(exercise, ask, wrong, (Stopped,), used)

    def every(self, exercise: Exercise) -> frozenset[str]:
        """The earlier exercises whose right answers it may build on."""
        return frozenset(each.name for each in stand_ins(exercise.name, self.used(exercise)))

    @cached_property
    def reach(self) -> Reach | None:
        """What the answers may build on; None where the cells do not say it in time."""
        code = [c for c in self.notebook.cells if c.cell_type == "code" and not is_judged(c)]
        try:
            with self.finding_names():
                return Reach([Code(self.read(c), is_own(c) or is_solution(c)) for c in code])
        except TooLong:
            return None

    def used(self, exercise: Exercise) -> frozenset[str] | None:
        """The names that this answer may build on; None where they may be any."""
        reach = self.reach
        if exercise.name not in self.reached:
            try:
                with self.finding_names():
                    self.reached[exercise.name] = reach.of(exercise.name) if reach else None
            except TooLong:
                self.reached[exercise.name] = None
        return self.reached[exercise.name]

    def asked(self, exercise: Exercise, seed: int, right: Collection[str]) -> Verdict:
        """The verdict with these right answers to earlier exercises. Raises `Stopped`."""
        self.beside, self.hurried = frozenset(right), False
        try:
            session = self.session_for(exercise, right)
            session.reset()
            if not session.request("defined", exercise.name):
                why = f"NameError: name '{exercise.name}' is not defined"
                return nothing(exercise, why, seed)
            with muted():
                answer = session.request("name", exercise.name)
                verdict = judge(exercise, answer, seed, right=right)
            session.rest()
        except Stopped:
            self.hurried = self.player.session is not None and self.player.session.hurried
            self.player.drop_dead()
            raise
        except MemoryError:  # what the judge was to compute with the answer's values
            self.player.end()
            return nothing(exercise, "memory: it needed more memory than it may have", seed)
        if not misses(verdict):
            self.answered.add(exercise.name)
        if not (verdict.unsolved or all(map(ends_undefined, verdict.heard))):
            self.guessed.add(exercise.name)
        return verdict

    def session_for(self, exercise: Exercise, right: Collection[str]) -> Session:
        """A process that has never had the right answer to this exercise, from which it may have
        learned; nor, where it is judged late and knows what will be asked, one that may hold it.
        """
        if self.stood_in if self.late[exercise.name] else exercise.name in self.stood_in:
            self.player.end()
            self.stood_in.clear()
        session = self.player.ready()
        session.in_haste = self.in_haste
        self.stood_in |= set(right)
        return session

    def explained(self, exercise: Exercise, verdict: Verdict) -> Verdict:
        """With the reason why it is wrong, if that is found in time."""
        try:
            right = self.every(exercise)
            session = self.session_for(exercise, right)
            self.player.allow(session, min(PATIENCE_FOR_WHY, self.task.limits.question))
            session.reset()
            with muted():
                why = diagnose(exercise, session.request("name", exercise.name), right=right)
            session.rest()
        except Stopped:
            self.player.drop_dead()
            return verdict
        except Exception as error:  # a fault of the diagnosis, which must not cost a grade
            said = printable(repr(error), 500)
            self.graded.made.setdefault("undiagnosed", {})[exercise.name] = said
            return verdict
        return replace(verdict, diagnosis=why)
