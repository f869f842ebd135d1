"""`examine` agrees with the judge, and what students have answers nothing."""

from __future__ import annotations

import ast
import contextlib
import copy
import gzip
import inspect
import itertools
import json
import re
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import helpers
from autograder.course import CourseError
from autograder.exercises import exercises, find
from autograder.exercises.base import Exercise
from autograder.judge import judge
from autograder.proving import record as recording
from autograder.proving.mutants import mutants
from helpers.judging.dependence import moved_by
from helpers.judging.outcomes import PUBLIC_SEEDS, alike, mark
from helpers.judging.recorded import FOLDER, content_of, file_of, record_of
from helpers.judging.right import computed
from helpers.judging.verdict import ask_all
from helpers.questions import LESSONS, every_name

EVERY = [find(name) for name in every_name()]
each = pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.name)


def test_the_record_is_of_what_is_there_now():
    """`autograder build` makes it anew."""
    assert list(recording.stale()) == []


def test_each_lesson_records_no_more_than_150_kilobytes_and_nothing_else_does():
    files = {file_of(lesson) for lesson in LESSONS}
    assert set(FOLDER.iterdir()) == files
    for path in files:
        assert path.stat().st_size <= 150_000, path.name
        assert len(gzip.decompress(path.read_bytes())) <= 250_000, path.name


@pytest.mark.spread
@each
def test_recorded_again_it_is_the_same_and_a_known_mistake_is_told_its_sentence(exercise: Exercise):
    """To within rounding: values, rows, what mistakes come to, and of some edits nearly all.

    (An edit may return what nothing was written to, which is never the same.) All mistakes are
    found again by this record in test_bank.py; here what some come to is compared by itself.
    """
    known = record_of(exercise.name)
    assert known.parameters == recording.parameters(exercise)
    assert alike(mark(known.values), mark(tuple(recording.values(exercise))))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert known.moves == moved_by(exercise.asked, exercise.reference, known.parameters)
        rows = tuple(recording.rows(exercise))
    assert [words for words, _ in rows] == [words for words, _ in known.rows]
    for (words, now), (_, then) in zip(rows, known.rows, strict=True):
        assert all(map(alike, now, then)), words
    assert [says for says, _ in known.mistakes] == [wrong.says for wrong in exercise.page.wrong]
    for (_, one), wrong in [*zip(known.mistakes, exercise.page.wrong, strict=True)][::4]:
        now = recording.mark_of(exercise, wrong.source, known.rights)
        assert alike(one, now), wrong.name
        assert known.mistake(now) == wrong.says, wrong.name
    right = recording.mark_of(exercise, exercise.source, known.rights)
    some = [
        recording.mark_of(exercise, e.source, known.rights) for e in recording.edits(exercise)[::20]
    ]
    told = [known.edit(found) is not None for found in some if found not in (None, right)]
    assert sum(told) >= 0.8 * len(told)


def test_a_known_mistake_that_cannot_be_recorded_in_time_is_an_error_and_not_left_out(monkeypatch):
    """Else a busy machine would decide which mistakes students are told of."""
    monkeypatch.setattr(recording, "PATIENCE", 1e-6)
    place = find("standard_error").page.wrong[0].place
    with pytest.raises(CourseError, match=f"^{re.escape(place)}: .* cannot be recorded"):
        recording.record(find("standard_error"))


@pytest.mark.spread
@each
def test_it_asks_what_the_judge_asks_and_finds_the_same(exercise: Exercise):
    """Word for word: right forms on every public seed; mistakes and edits of one token in turn.

    The two differ in where what is right comes from, which is compared on every seed above.
    """
    record = record_of(exercise.name)
    sources = [exercise.source, *(form.source for form in exercise.page.others)]
    sources += [wrong.source for wrong in exercise.page.wrong]
    sources += [mutant.source for mutant in itertools.islice(mutants(exercise.source), 0, None, 20)]
    right = sources[: 1 + len(exercise.page.others)]
    asked = [*itertools.product(right, PUBLIC_SEEDS)]
    asked += zip(sources[len(right) :], itertools.cycle(PUBLIC_SEEDS))
    for source, seed in asked:
        if "while " in source and source not in sources[:20]:
            continue
        judged, examined = exercise.compile(source), exercise.compile(source)  # each has its state
        said = ask_all(exercise.asked, judged, seed, computed(exercise.reference))
        told = ask_all(exercise.asked, examined, seed, record.rights)
        assert _without_lines(str(told)) == _without_lines(str(said)), source


def _without_lines(text: str) -> str:
    """Which line an error is put down to may change from one run of the same code to the next.

    So does the place in memory that numpy names.
    """
    return re.sub(r"line \d+ of its cell.*| at 0x[0-9A-Fa-f]+", "", text)


# --- What students have, and what it is good for ------------------------------------------------


def code_of_helpers() -> Iterator[tuple[str, str, dict]]:
    """Every function and class in what students receive, and every text that is one.

    Each as its name, its source, and the names that it sees.
    """
    for path in sorted(Path(helpers.__file__).parent.rglob("*.py")):
        module = inspect.getmodulename(str(path))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        place = ".".join(
            path.relative_to(Path(helpers.__file__).parent.parent).with_suffix("").parts
        )
        names = vars(__import__(place.removesuffix(".__init__"), fromlist=["x"]))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                node.decorator_list = []
                yield f"{module}.{node.name}", node.name, ast.unparse(node), names
            elif isinstance(node, ast.Lambda):
                yield f"{module}.lambda", "f", f"f = {ast.unparse(node)}", names
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                for name, source in code_in(node.value):
                    yield f"{module}: a text", name, source, names


def code_in(text: str) -> Iterator[tuple[str, str]]:
    if "def " not in text and "class " not in text and "lambda" not in text:
        return
    try:
        tree = ast.parse(inspect.cleandoc(text))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, ast.unparse(node)


@pytest.mark.parametrize("lesson", LESSONS)
def test_nothing_that_students_have_passes_as_an_answer(lesson):
    """But for `square`, which a parabola is, and `np.square` as well."""
    answers = made_of_helpers()
    assert len(answers) > 500
    passed = []
    for exercise in (e for e in exercises(lesson) if e.name != "square"):
        call = first_call(exercise)
        for label, answer in (*answers, *deriving(exercise)):
            if (call is None or survives(answer, *call)) and passes(exercise, answer):
                passed.append(f"{label} passes as {exercise.name}")
    assert not passed, passed


def passes(exercise: Exercise, answer: Callable) -> bool:
    """Whether the exercise's first question accepts it."""
    first, seed = exercise.asked.questions[0], PUBLIC_SEEDS[0]
    right = record_of(exercise.name).rights(seed, 0)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            first.test(answer, np.random.default_rng([seed, 0]), right)
        except Exception:
            return False
    return True


def first_call(exercise: Exercise) -> tuple[tuple, dict] | None:
    """What an answer is first called with, where one that does not take that is refused."""
    calls = []

    def refuses(*args, **settings):
        calls.append((args, settings))
        raise TypeError("it takes other arguments")

    return None if passes(exercise, refuses) or not calls else calls[0]


def takes(answer: Callable, args: tuple, settings: dict) -> bool:
    """Whether it can be called with these; where that cannot be told, it is called."""
    if hasattr(answer, "calls"):
        function, change = answer.calls
        return takes(function, change(args), {})
    signature = signature_of(answer)
    try:
        if signature is not None:
            signature.bind(*args, **settings)
    except TypeError:
        return False
    return True


def survives(answer: Callable, args: tuple, settings: dict) -> bool:
    """Whether it is called with these and raises nothing: what does is refused at once."""
    if not takes(answer, args, settings):
        return False
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            answer(*copy.deepcopy(args), **settings)
        except Exception:
            return False
    return True


@cache
def signature_of(answer: Callable) -> inspect.Signature | None:
    try:
        return inspect.signature(answer, follow_wrapped=False)
    except (TypeError, ValueError):
        return None


def adapted(label: str, f: Callable) -> Iterator[tuple[str, Callable]]:
    """With as many arguments as it takes; the other way round; a check as yes or no."""
    count = len(inspect.signature(f).parameters)
    if count < 3:
        yield f"{label} of {count}", calling(f, lambda args: args[:count])
    if count > 1:
        yield f"{label}, turned round", calling(f, lambda args: args[::-1])
    if "check" in label:
        yield f"{label}, yes or no", calling(f, lambda args: args[:3], bool)


def calling(f: Callable, change: Callable, result: Callable = lambda value: value) -> Callable:
    """A function that calls it with these of its own arguments."""

    def answer(*args, **settings):
        return result(f(*change(args)))

    answer.calls = f, change
    return answer


@cache
def made_of_helpers() -> list[tuple[str, Callable]]:
    """Every function in what students have, called as it is and otherwise; made once."""
    return list(callables())


def callables() -> Iterator[tuple[str, Callable]]:
    for label, name, source, names in code_of_helpers():
        namespace = dict(names)
        try:
            exec(compile(source, "<helpers>", "exec"), namespace)
        except Exception:  # a part that cannot stand alone is no answer
            continue
        if callable(namespace.get(name)):
            yield label, namespace[name]
            if inspect.isfunction(names.get(name)):
                yield from adapted(label, names[name])
                yield from made_by(label, names[name])


def made_by(label: str, f: Callable) -> Iterator[tuple[str, Callable]]:
    """The functions that it makes of a number."""
    parameters = inspect.signature(f).parameters.values()
    if [p.default for p in parameters if p.kind is not p.VAR_KEYWORD] != [inspect.Parameter.empty]:
        return
    for number in (0.0, 0.5, 1.0, 2):
        with contextlib.suppress(Exception):
            made = f(number)
            if inspect.isfunction(made):
                yield f"{label}({number})", made


def deriving(exercise: Exercise) -> Iterator[tuple[str, type]]:
    """Classes of the course's that begin as the right answer does, and answer as they are."""
    right = exercise.compile(exercise.source)
    if not inspect.isclass(right):
        return
    for kind in classes_of_helpers():
        with contextlib.suppress(TypeError):  # not every class can be derived from
            yield f"a {kind.__name__}", type(right.__name__, (kind,), {"__init__": right.__init__})


@cache
def classes_of_helpers() -> list[type]:
    found = {id(names.get(n)): names.get(n) for _, n, _, names in code_of_helpers()}
    return [kind for kind in found.values() if inspect.isclass(kind)]


@each
def test_the_recorded_values_earn_nothing(exercise: Exercise):
    """An answer that plays back what students have: the judge draws other numbers."""
    recorded = [v for seed in record_of(exercise.name).values for of in seed for v in of]
    for values in (recorded, recorded[::-1], [None]):
        played = itertools.cycle(values or [None])
        assert judge(exercise, lambda *args, p=played, **kw: next(p)).earned == 0


@each
def test_no_right_answer_stands_in_the_record_or_the_questions(exercise: Exercise):
    """Canaries: the longest line of each right answer."""
    folder = Path(helpers.__file__).parent
    texts = [
        p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.suffix in (".py", ".json")
    ]
    texts += [json.dumps(content_of(lesson), ensure_ascii=False) for lesson in LESSONS]
    for source in (exercise.source, *(form.source for form in exercise.page.others)):
        line = max((each.strip() for each in source.split("\n")), key=len)
        if len(line) > 40 and not line.startswith(("def ", "class ")):
            assert not any(line in text for text in texts), line
