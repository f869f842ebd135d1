"""Proof of the tests: what is wrong is refused and named, what is right is never refused."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from traceback import extract_tb

from autograder.course import CourseError
from autograder.exercises import find, others_are_right
from autograder.exercises.base import Exercise
from autograder.exercises.page import OtherForm, WrongAnswer
from autograder.judge import diagnose, judge
from autograder.proving.behaviour import behaves, behaviour, scripts_of
from autograder.proving.checklist import checklist
from autograder.proving.mutants import Mutant, mutants
from autograder.proving.record import record
from helpers.judging.recorded import Record
from helpers.judging.right import PlayedBack, asked_for, parameters_of_right
from helpers.judging.verdict import ask_one

SEEDS = 20
"""Of wrong answers: each must be refused on every one."""

RIGHT_SEEDS = 40
"""Of right answers: none may be refused on any."""


EXPLAIN = 100
"""Mutants of an exercise that are explained, evenly spread over all of them."""

PATIENCE = 5
"""Seconds of a processor for one answer on one seed, and for what is said of it."""


@dataclass
class Proof:
    """What was tried on one exercise; `faults` are the lines that should not be there."""

    exercise: str
    misconceptions: int = 0
    named: int = 0
    mutants: int = 0
    tried: int = 0
    """Mutants that were to be explained; the others were only to be refused."""
    explained: int = 0
    crashed: int = 0
    """Not explained, but they raise: the message is the error, with the line that raised it."""
    same: list[tuple[str, str]] = field(default_factory=list)
    edits: int = 0
    """Mutants of the right answer's other forms."""
    alike: int = 0
    """Those of them that do what their form does on all that is tried: they need not be listed."""
    kinds: int = 0
    """Generated answers of the checklist that are wrong here."""
    off: list[tuple[str, str]] = field(default_factory=list)
    """Those of them that the page says need not be refused, each with its reason."""
    equivalents: int = 0
    gradings: int = 0
    right: int = 0
    refused: int = 0
    slowest: float = 0.0
    """Seconds that the slowest grading took."""
    faults: list[str] = field(default_factory=list)

    trying: Callable[[str], object] = field(default=str, repr=False)
    """Is told which entry of the page is tried next, for whoever finds that the process is gone."""

    rights: dict[tuple[int, int], list] = field(default_factory=dict, repr=False)
    """What is right, by seed and question: computed once for all that is tried."""

    def accepts(self, exercise: Exercise, answer: Callable, seed: int) -> bool:
        """Whether the answer earns everything on this seed; its first mistake is enough."""
        self.gradings += 1

        def rights(seed: int, place: int) -> PlayedBack:
            if (seed, place) not in self.rights:
                values = asked_for(exercise.reference, exercise.asked, seed, place)
                self.rights[seed, place] = values
            return PlayedBack(self.rights[seed, place], parameters_of_right(exercise.reference))

        with others_are_right(exercise, answer):
            return all(
                ask_one(exercise.asked, place, answer, seed, rights) is None
                for place in range(len(exercise.asked.questions))
            )

    def grade(self, exercise: Exercise, answer: Callable, seed: int) -> float:
        """The points that the answer earns on this seed; counted and timed."""
        start = time.perf_counter()
        verdict = judge(exercise, answer, seed, shuffled=False)
        self.slowest = max(self.slowest, time.perf_counter() - start)
        self.gradings += 1
        return verdict.earned


def prove(
    exercise: Exercise,
    seeds: int = SEEDS,
    right_seeds: int = RIGHT_SEEDS,
    explain: int = EXPLAIN,
    kinds: bool = False,
    recorded: Record | None = None,
    note: Path | None = None,
) -> Proof:
    """Try every misconception, mechanical mutant and equivalent on so many seeds.

    explain: about how many of the mutants are to be explained as well. kinds: try the checklist as
    well, and the mutants of the other right forms. recorded: by which record mistakes are named;
    else one is made that lacks the edits of the right answer itself. note: a file in which stands
    what is tried, once each wrong answer by itself first: one may end this process.
    """
    proof = Proof(exercise.name)
    if note is not None:
        proof.trying = note.write_text
        for wrong in exercise.page.wrong:
            proof.trying(f"{wrong.place}: misconception “{wrong.name}”")
            with contextlib.suppress(Exception, SystemExit):
                in_time(Proof(exercise.name), exercise, exercise.compile(wrong.source), 0)
    prove_right(exercise, range(right_seeds), proof)
    if proof.refused:  # nothing can be recorded of a right answer that is none
        return proof
    recorded = recorded or record(exercise, hold_out=True)
    for misconception in exercise.page.wrong:
        proof.misconceptions += 1
        with named(proof, f"misconception “{misconception.name}”", misconception.place):
            prove_wrong(exercise, misconception, range(seeds), recorded, proof)
    every = list(mutants(exercise.source))
    stride = max(1, len(every) // explain)
    for i, mutant in enumerate(every):
        refused = prove_mutant(exercise, mutant, range(seeds), proof)
        if refused is not None and i % stride == 0:
            explain_mutant(exercise, refused, recorded, proof)
    if kinds:
        own = {mutant.line for mutant in every}
        for form in exercise.page.others:
            for mutant in mutants(form.source):
                if mutant.line not in own:  # what a form has in common with the right answer
                    prove_mutant(exercise, mutant, range(seeds), proof, form)
        prove_checklist(exercise, range(seeds), proof)
    return proof


@contextlib.contextmanager
def named(proof: Proof, what: str, place: str) -> Iterator[None]:
    """What fails in here is a fault of one entry of the page, and costs the proof no other."""
    proof.trying(f"{place}: {what}")
    try:
        yield
    except (Exception, SystemExit) as error:
        proof.faults.append(f"{place}: {what} cannot be tried: {told(error)}")


def told(error: BaseException) -> str:
    """An error in a line, with its place in the entry's own source where it has one."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} (line {error.lineno} of its code)"
    return f"{type(error).__name__}: {error}".split("\n")[0]


def in_time(proof: Proof, exercise: Exercise, answer: Callable, seed: int) -> float:
    """The points that an answer earns on a seed. Raises `TimeoutError` where it does not end."""
    with time_limit(PATIENCE) as over:
        points = proof.grade(exercise, answer, seed)
    if over:
        raise TimeoutError(over[0])
    return points


def prove_wrong(
    exercise: Exercise, wrong: WrongAnswer, seeds: Iterable[int], recorded: Record, proof: Proof
) -> None:
    """Refused on every seed alike, and told its own sentence."""
    answer = exercise.compile(wrong.source)
    at = f"{wrong.place}: " if wrong.place else ""
    points = {in_time(proof, exercise, answer, seed) for seed in seeds}
    if exercise.points in points:
        proof.faults.append(f"{at}misconception “{wrong.name}” accepted")
    if len(points) > 1:  # two students with the same mistake must lose the same
        proof.faults.append(f"{at}misconception “{wrong.name}” earns {sorted(points)}, by seed")
    with time_limit(PATIENCE):
        said = diagnose(exercise, answer, recorded).hypothesis
    proof.named += said == wrong.says
    if said != wrong.says:
        proof.faults.append(f"{at}misconception “{wrong.name}” is told: {said}")


def prove_all(
    names: list[str],
    seeds: int = SEEDS,
    right_seeds: int = RIGHT_SEEDS,
    jobs: int | None = None,
    kinds: bool = False,
) -> Iterator[Proof]:
    """The proofs of these exercises, in their order, several at a time.

    What ends a process, as `os._exit` in an answer does, is the fault of one exercise: those that
    were lost with it are proved again, each in a process of its own.
    """
    chosen = seeds, right_seeds, kinds
    with ProcessPoolExecutor(max_workers=jobs or os.cpu_count()) as pool:
        waiting = [(name, _submitted(pool, name, chosen)) for name in names]
        for name, future in waiting:
            try:
                yield future.result()
            except BrokenProcessPool:
                yield _alone(name, chosen)


def _submitted(
    pool: ProcessPoolExecutor, name: str, chosen: tuple[int, int, bool]
) -> Future[Proof]:
    try:
        return pool.submit(_prove_named, name, *chosen)
    except BrokenProcessPool as error:
        broken: Future[Proof] = Future()
        broken.set_exception(error)
        return broken


def _alone(name: str, chosen: tuple[int, int, bool]) -> Proof:
    with TemporaryDirectory() as folder, ProcessPoolExecutor(max_workers=1) as pool:
        note = Path(folder) / "trying"
        try:
            return pool.submit(_prove_named, name, *chosen, note).result()
        except BrokenProcessPool:
            what = note.read_text() if note.exists() else "an answer"
            return Proof(name, faults=[f"{what} ends the process in which it is tried"])


def _prove_named(
    name: str, seeds: int, right_seeds: int, kinds: bool, note: Path | None = None
) -> Proof:
    """Never raises: what cannot be proved is a fault of one exercise, and is said."""
    try:
        return prove(find(name), seeds, right_seeds, kinds=kinds, note=note)
    except CourseError as error:
        return Proof(name, faults=str(error).split("\n"))
    except (Exception, SystemExit) as error:
        ours = [f for f in extract_tb(error.__traceback__) if name in Path(f.filename).name]
        where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}: " if ours else ""
        return Proof(name, faults=[f"{where}{told(error)}"])


def prove_right(exercise: Exercise, seeds: Iterable[int], proof: Proof) -> None:
    """The reference and every equivalent must earn everything on every seed."""
    forms = [OtherForm("the reference", exercise.source), *exercise.page.others]
    proof.equivalents = len(exercise.page.others)
    for form in forms:
        name = f"“{form.name}”" if form.place else form.name
        with named(proof, name, form.place or f"{exercise.name}.py"):
            right = exercise.compile(form.source)
            refused = []
            for seed in seeds:
                proof.right += 1
                if in_time(proof, exercise, right, seed) < exercise.points:
                    refused.append(seed)
            proof.refused += len(refused)
            if refused:
                at = f"{form.place}: " if form.place else ""
                more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
                proof.faults.append(f"{at}{name} refused on seed {refused[0]}{more}")


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[list[str]]:
    """Raise `TimeoutError` again and again after this long: an edit may leave a loop without end.

    Where it is raised in an answer it is taken for a mistake: the list that is given says so.
    Seconds of this process's own, however busy the machine is. Only where the system has timers,
    and in the main thread.
    """

    over: list[str] = []

    def stop(*_: object) -> None:
        over.append("it does not end")
        raise TimeoutError(over[0])

    if not hasattr(signal, "setitimer"):
        yield over
        return
    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)
    try:
        yield over
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def prove_mutant(
    exercise: Exercise, mutant: Mutant, seeds: range, proof: Proof, form: OtherForm | None = None
) -> Callable | None:
    """Refused on every seed, or listed as the same? The wrong function, if it is one.

    form: the right form that was edited, if it is not the right answer itself.
    """
    try:
        wrong = exercise.compile(mutant.source)
    except Exception:  # an edit that makes no function, as of a default value, tells nothing
        return None
    accepted = accepting(exercise, lambda: wrong, seeds, proof)
    of = f" of “{form.name}”" if form else ""
    known = next((same.why for same in exercise.page.same if mutant.line in same.lines), None)
    if known is not None and (accepted or not form):
        proof.same.append((mutant.line, known))
        if len(accepted) < len(seeds):
            proof.faults.append(f"listed as the same, but refused: {mutant.line}{of}")
        return None
    if form:
        proof.edits += 1
    else:
        proof.mutants += 1
    if accepted and form and len(accepted) == len(seeds) and unedited(exercise, wrong, form):
        proof.alike += 1
        return None
    if accepted:
        proof.faults.append(f"mutant{of} accepted on {some(accepted, seeds)}: {mutant.line}")
        return None
    return wrong


def unedited(exercise: Exercise, answer: Callable, form: OtherForm) -> bool:
    """Whether an edit of another form changes nothing, as far as the checklist's inputs show."""
    scripts = scripts_of(exercise)
    with time_limit(PATIENCE):
        right = behaviour(exercise.compile(form.source), scripts)
        return behaves(answer, scripts, right)


def prove_checklist(exercise: Exercise, seeds: range, proof: Proof) -> None:
    """Every generated wrong answer refused on every seed, or switched off with a reason."""
    left = {kind: off.why for off in exercise.page.off for kind in off.kinds}
    for generated in checklist(exercise):
        proof.kinds += 1
        accepted = accepting(exercise, generated.make, seeds, proof)
        why = left.pop(generated.kind, None)
        if why is not None:
            proof.off.append((generated.kind, why))
            if not accepted:
                proof.faults.append(f"said not to apply, but refused: {generated.kind}")
        elif accepted:
            proof.faults.append(f"accepted on {some(accepted, seeds)}: {generated.kind}")
    proof.faults += [f"said not to apply, but it is no kind of this exercise: {k}" for k in left]


def accepting(
    exercise: Exercise, make: Callable[[], Callable], seeds: range, proof: Proof
) -> list[int]:
    """The seeds on which this answer, made anew for each, earns everything.

    One that does not end on a seed is not tried on the next ones.
    """
    found = []
    for seed in seeds:
        with time_limit(PATIENCE) as over:
            if proof.accepts(exercise, make(), seed):
                found.append(seed)
        if over:
            break
    return found


def some(accepted: list[int], seeds: range) -> str:
    return "every seed" if len(accepted) == len(seeds) else f"seeds {accepted}"


def explain_mutant(exercise: Exercise, wrong: Callable, recorded: Record, proof: Proof) -> None:
    """How many are explained counts where the record lacks the edits of the right answer itself."""
    proof.tried += 1
    with time_limit(PATIENCE):
        diagnosis = diagnose(exercise, wrong, recorded)
    if diagnosis.hypothesis or diagnosis.structure:
        proof.explained += 1
    elif " raised " in (judge(exercise, wrong).findings[0].wrong or ""):
        proof.crashed += 1
