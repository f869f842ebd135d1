"""What was recorded when the course was built: right values, and how known mistakes come out.

`helpers/judging/record/LESSON.json.gz` holds, for each exercise, what the right answer returns on
the public inputs, and of each known mistake its fingerprint there and the sentence that belongs to
it. There is no code in it.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from helpers.judging.dependence import Moves
from helpers.judging.outcomes import BYTES, PUBLIC_SEEDS, Fingerprint, Outcome, alike
from helpers.judging.right import PlayedBack, Right
from helpers.questions import LESSONS, lesson_of
from helpers.questions.base import Asked

FOLDER = Path(__file__).parent / "record"


class OtherNumbers(Exception):
    """This numpy draws other random numbers than the one that the course was built with."""


@dataclass(frozen=True)
class Record:
    """What was recorded of one exercise.

    parameters: the right answer's, by name. values: what it returned, by seed and question.
    mistakes: fingerprints of known mistakes, each with its sentence. edits: fingerprints of edits
    of one token, each with its kind. rows: by the words for some rows of a batch, what each part
    of the first question's values comes to where only these count. moves: what is right changes
    with which arguments.
    """

    parameters: tuple[str, ...]
    values: tuple[tuple[tuple[Any, ...], ...], ...]
    mistakes: tuple[tuple[str, Fingerprint], ...] = ()
    edits: tuple[tuple[str, Fingerprint], ...] = ()
    rows: tuple[tuple[str, tuple[Fingerprint, ...]], ...] = ()
    moves: Moves = field(default_factory=dict)

    def rights(self, seed: int, place: int) -> Right:
        """Who knows what is right on this public seed, for the question at this place."""
        played = list(self.values[PUBLIC_SEEDS.index(seed)][place])
        return PlayedBack(played, self.parameters)

    def right_outcomes(self, asked: Asked) -> list[Outcome]:
        """What the right answer comes to, in the order of `outcomes`."""
        return list(self._right_outcomes(asked))

    def _right_outcomes(self, asked: Asked) -> Iterator[Outcome]:
        for values in self.values:
            for question, recorded in zip(asked.questions, values, strict=True):
                if question.probes is None:
                    yield Outcome()
                else:
                    yield from map(Outcome, recorded)

    def mistake(self, found: Fingerprint) -> str | None:
        """The sentence for the known mistake that this is, or None."""
        return next((says for says, known in self.mistakes if alike(known, found)), None)

    def edit(self, found: Fingerprint) -> str | None:
        """The kind of the edit that this comes from, or None."""
        return next((kind for kind, known in self.edits if alike(known, found)), None)


def record_of(name: str) -> Record:
    """The record of an exercise. Raises `OtherNumbers`, and `FileNotFoundError` before a build."""
    return _record(lesson_of(name), name)


def file_of(lesson: str) -> Path:
    """JSON, compressed: `zcat` shows it. Only of a lesson is there one."""
    if lesson not in LESSONS:
        raise KeyError(f"there is no lesson {lesson!r}")
    return FOLDER / f"{lesson}.json.gz"


def content_of(lesson: str) -> dict[str, Any]:
    return json.loads(gzip.decompress(file_of(lesson).read_bytes()))


@cache
def _record(lesson: str, name: str) -> Record:
    return from_json(_exercises(lesson)[name])


@cache
def _exercises(lesson: str) -> dict[str, Any]:
    """What was recorded of a lesson; of most of it, one answer needs nothing."""
    content = content_of(lesson)
    if content["numbers"] != numbers_drawn():
        raise OtherNumbers(
            f"numpy {np.__version__} draws other random numbers than the numpy with which this "
            "course was built, so that its recorded values do not fit. Install the version in "
            "environment.yml, or take a newer release of the course."
        )
    return content["exercises"]


def numbers_drawn() -> list[float]:
    """One number of each kind that questions draw: equal where a seed gives the same numbers."""
    rng = np.random.default_rng(PUBLIC_SEEDS[0])
    return [
        float(rng.normal()),
        float(rng.uniform()),
        float(rng.integers(1000)),
        float(rng.permutation(50)[0]),
        float(rng.choice(50, size=3, replace=False)[0]),
    ]


# --- As JSON ------------------------------------------------------------------------------------


def as_json(record: Record) -> dict[str, Any]:
    arrays: dict[str, int] = {}
    return {
        "parameters": list(record.parameters),
        "values": [[[_form(v, arrays) for v in of] for of in seed] for seed in record.values],
        "arrays": list(arrays),
        "mistakes": [says for says, _ in record.mistakes],
        "marks of mistakes": _pack([mark for _, mark in record.mistakes]),
        "edits": _runs([kind for kind, _ in record.edits]),
        "marks of edits": _pack([mark for _, mark in record.edits]),
        "rows": {words: _pack(list(marks)) for words, marks in record.rows},
        "moves": [[part, name, int(moved)] for (part, name), moved in record.moves.items()],
    }


def from_json(form: dict[str, Any]) -> Record:
    arrays = form["arrays"]
    values = tuple(
        tuple(tuple(_value(v, arrays) for v in of) for of in seed) for seed in form["values"]
    )
    kinds = [kind for kind, count in form["edits"] for _ in range(count)]
    return Record(
        tuple(form["parameters"]),
        values,
        tuple(zip(form["mistakes"], _unpack(form["marks of mistakes"]), strict=True)),
        tuple(zip(kinds, _unpack(form["marks of edits"]), strict=True)),
        tuple((words, tuple(_unpack(marks))) for words, marks in form["rows"].items()),
        {(part, name): bool(moved) for part, name, moved in form["moves"]},
    )


def _runs(kinds: list[str]) -> list[list]:
    """Equal neighbours once, with how many there are."""
    found: list[list] = []
    for kind in kinds:
        if found and found[-1][0] == kind:
            found[-1][1] += 1
        else:
            found.append([kind, 1])
    return found


def _pack(marks: list[Fingerprint]) -> str:
    return base64.b85encode(b"".join(one + other for one, other in marks)).decode()


def _unpack(text: str) -> list[Fingerprint]:
    content = base64.b85decode(text)
    places = range(0, len(content), 2 * BYTES)
    return [(content[k : k + BYTES], content[k + BYTES : k + 2 * BYTES]) for k in places]


def _form(value: Any, arrays: dict[str, int]) -> Any:
    """Plain data as JSON: numbers, text and None as they are, everything else with its tag.

    arrays: the contents of arrays so far, each once, by its place.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [type(value).__name__, [_form(v, arrays) for v in value]]
    if isinstance(value, dict):
        return ["dict", [[_form(k, arrays), _form(v, arrays)] for k, v in value.items()]]
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        content = base64.b85encode(value.tobytes()).decode()
        place = arrays.setdefault(content, len(arrays))
        kind = [] if value.dtype == np.float64 else [value.dtype.str]
        return ["array", place, list(value.shape), *kind]
    raise TypeError(f"a right answer returned a {type(value).__name__}, which cannot be recorded")


def _value(form: Any, arrays: list[str]) -> Any:
    if not isinstance(form, list):
        return form
    tag, *content = form
    if tag == "list":
        return [_value(v, arrays) for v in content[0]]
    if tag == "tuple":
        return tuple(_value(v, arrays) for v in content[0])
    if tag == "dict":
        return {_value(key, arrays): _value(value, arrays) for key, value in content[0]}
    place, shape, *kind = content
    bytes_ = base64.b85decode(arrays[place])
    return np.frombuffer(bytes_, kind[0] if kind else np.float64).reshape(shape).copy()
