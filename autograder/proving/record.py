"""Recording the bank: what the right answers return, and what known mistakes look like there.

Students have the record and not the bank. It is made anew where something that it depends on has
changed, and its last digits may differ from one processor to another, so it is compared by the
digest of what it depends on, as solutions are.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import inspect
import json
import os
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from autograder.course import CourseError
from autograder.exercises import exercises, find
from autograder.exercises.base import Exercise
from autograder.exercises.page import WrongAnswer, files_of
from autograder.proving import mutants as _mutants
from autograder.proving.mutants import Mutant, mutants
from helpers import checks, judging, questions
from helpers._within import within
from helpers.judging.dependence import moved_by
from helpers.judging.outcomes import (
    PUBLIC_SEEDS,
    Fingerprint,
    fingerprint,
    mark,
    outcomes,
    public_arguments,
)
from helpers.judging.recorded import Record, as_json, content_of, file_of, numbers_drawn
from helpers.judging.relations import ROWS, Case, on_rows, with_batch
from helpers.judging.right import Rights, asked_for, parameters_of_right
from helpers.questions import LESSONS
from helpers.questions.base import arguments_of, driven

MOST_EDITS = 400
"""Edits of an exercise whose fingerprints are kept."""

MOST_MEMORY = 4 << 30
"""Bytes of address space of a process that records."""

PATIENCE = 20.0
"""Seconds for one answer: an edit may leave a loop without end. Far more than any known mistake
needs, so that it is not what else the machine does that decides which of them are recorded.
"""


def record(exercise: Exercise, hold_out: bool = False) -> Record:
    """Everything that is recorded of an exercise.

    hold_out: leave out the edits of the right answer itself, to measure how others explain.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of candidates on inputs that they cannot take
        known = Record(parameters(exercise), tuple(values(exercise)))
        right = mark_of(exercise, exercise.source, known.rights)
        mistakes = [
            (wrong.says, mark_of_mistake(exercise, wrong, known.rights))
            for wrong in exercise.page.wrong
        ]
        edited = [
            (e.kind, mark_of(exercise, e.source, known.rights)) for e in edits(exercise, hold_out)
        ]
        edited.sort(key=lambda edit: edit[0])  # equal kinds side by side take less room
        moves = moved_by(exercise.asked, exercise.reference, parameters(exercise))
        return replace(
            known,
            mistakes=tuple(mistakes),
            edits=tuple((kind, found) for kind, found in edited if found not in (None, right)),
            rows=tuple(rows(exercise)),
            moves=moves,
        )


def parameters(exercise: Exercise) -> tuple[str, ...]:
    return parameters_of_right(exercise.reference)


def values(exercise: Exercise) -> Iterator[tuple[tuple[Any, ...], ...]]:
    """What the right answer returns where questions ask for it, by seed and question."""
    for seed in PUBLIC_SEEDS:
        yield tuple(
            tuple(asked_for(exercise.reference, exercise.asked, seed, place))
            for place in range(len(exercise.asked.questions))
        )


def edits(exercise: Exercise, hold_out: bool = False) -> tuple[Mutant, ...]:
    """One-token edits of the ways to write the right answer; none where a loop may not end."""
    sources = [] if hold_out else [exercise.source]
    sources += [form.source for form in exercise.page.others]
    sources = [source for source in sources if "while " not in source]
    share = MOST_EDITS // max(len(sources), 1)
    found: dict[str, Mutant] = {}
    for source in sources:
        for mutant in islice(mutants(source), share):
            found.setdefault(mutant.source, mutant)
    return tuple(found.values())


def mark_of(exercise: Exercise, source: str, rights: Rights) -> Fingerprint | None:
    """What an answer with this source comes to; None where it is no program, or never ends."""
    try:
        return _mark_of(exercise, source, rights)
    except Exception:
        return None


def mark_of_mistake(exercise: Exercise, wrong: WrongAnswer, rights: Rights) -> Fingerprint:
    """`mark_of` a known mistake; `CourseError` where it has none, as nobody could be told of it."""
    try:
        return _mark_of(exercise, wrong.source, rights)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise CourseError(f"{wrong.place}: {wrong.name!r} cannot be recorded: {why}") from error


def _mark_of(exercise: Exercise, source: str, rights: Rights) -> Fingerprint:
    answer = exercise.compile(source)
    return fingerprint(within(PATIENCE, lambda: outcomes(exercise.asked, answer, rights)))


def rows(exercise: Exercise) -> Iterator[tuple[str, tuple[Fingerprint, ...]]]:
    """What the first question's values come to where only some rows of a batch count."""
    questions = exercise.asked.questions
    place = next((i for i, question in enumerate(questions) if question.probes), None)
    if place is None:
        return
    right = driven(exercise.reference, questions[place].drive)
    names = parameters(exercise)
    cases = []
    for args, _ in public_arguments(exercise.asked, place):
        labels = arguments_of(names, questions[place].drive, len(args))
        cases.append(Case(dict(zip(labels, args, strict=True)), None, None))
    many = with_batch(cases)
    for words, chosen in ROWS if len(many) > 1 else ():
        try:
            found = [right(*on_rows(case, chosen)) for case in many]
        except Exception:  # a subset that the right answer cannot take explains nothing
            continue
        counts = {len(value) if isinstance(value, tuple) else None for value in found}
        if len(counts) > 1:  # by the arguments it has other parts
            continue
        parts = zip(*found, strict=True) if isinstance(found[0], tuple) else [found]
        yield words, tuple(mark(list(part)) for part in parts)


# --- On disk ------------------------------------------------------------------------------------


def digest(exercise: Exercise) -> str:
    """What an exercise's record depends on: its questions and its bank, and how it is recorded."""
    found = hashlib.sha256()
    for path in (*_machinery(), *_files(exercise)):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:32]


def _machinery() -> Iterator[Path]:
    yield Path(__file__)
    yield Path(str(_mutants.__file__))
    yield Path(str(checks.__file__))
    for name in ("base", "kept", "usual"):
        yield Path(str(questions.__file__)).parent / f"{name}.py"
    for name in ("_causes", "_comparing", "_describing", "_findings"):
        yield Path(str(checks.__file__)).parent / f"{name}.py"
    for name in ("dependence", "outcomes", "relations", "right", "recorded"):
        yield Path(str(judging.__file__)).parent / f"{name}.py"


def _files(exercise: Exercise) -> Iterator[Path]:
    """Its questions, its page, and every right answer of its lesson, which it may build on."""
    module = _module(exercise)
    folder = module.parent
    yield from sorted(Path(str(questions.__file__)).parent.joinpath(folder.name).glob("*.py"))
    yield from sorted(folder.glob("*.py"))
    yield from files_of(module)


def _module(exercise: Exercise) -> Path:
    return Path(inspect.getfile(exercise.reference))


def stale(lessons: Iterable[str] = tuple(LESSONS)) -> Iterator[str]:
    """The exercises whose record is not what it would be now."""
    for lesson in lessons:
        made_of = _committed(lesson).get("made of", {})
        for exercise in exercises(lesson):
            if made_of.get(exercise.name) != digest(exercise):
                yield exercise.name


def write(lessons: Iterable[str] = tuple(LESSONS), fresh: bool = False) -> list[Path]:
    """Record what is stale, or everything, several exercises at a time; the changed files."""
    lessons = list(lessons)
    wanted = [e.name for lesson in lessons for e in exercises(lesson)]
    chosen = wanted if fresh else list(stale(lessons))
    changed = []
    with ProcessPoolExecutor(os.cpu_count(), initializer=_limit_memory) as pool:
        made = dict(zip(chosen, pool.map(_recorded, chosen), strict=True)) if chosen else {}
    for lesson in lessons:
        before = _committed(lesson)
        known = [e.name for e in exercises(lesson)]
        content = {
            "numbers": numbers_drawn(),
            "made of": {name: digest(find(name)) for name in known},
            "exercises": {name: made.get(name) or before["exercises"][name] for name in known},
        }
        if keep(lesson, content):
            changed.append(file_of(lesson))
    return changed


def keep(lesson: str, content: dict[str, Any]) -> bool:
    """Write the record of a lesson; whether it changed.

    It is compared by what it says: another machine may compress the same into other bytes.
    """
    path, text = file_of(lesson), json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    if path.exists() and gzip.decompress(path.read_bytes()).decode() == text:
        return False
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return True


def _limit_memory() -> None:
    """An edit may ask for more than there is; then it is no candidate, and the build goes on."""
    with contextlib.suppress(ImportError):  # a system without limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _recorded(name: str) -> dict[str, Any]:
    return as_json(record(find(name)))


def _committed(lesson: str) -> dict[str, Any]:
    return content_of(lesson) if file_of(lesson).exists() else {}
