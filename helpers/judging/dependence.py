"""Which of its arguments an answer depends on, seen by changing each of them alone."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from helpers.checks import Sink, call
from helpers.judging.outcomes import PUBLIC_SEEDS, alike, mark
from helpers.questions.base import Asked, arguments_of, driven

Moves = dict[tuple[int, str], bool]
"""By the place of a part of what is returned, and an argument's name: does the part change with it?
A result that has no parts is its own first part."""


def moved_by(asked: Asked, f: Callable, parameters: Sequence[str], whole: bool = False) -> Moves:
    """For each real argument of the first question with probes, on any of the public inputs; where
    that can be said: after a call that ends in an error, only what a part was seen to change with.

    whole: what is returned is one thing, though it come as a list or a tuple, such as a path.
    """
    question = next((q for q in asked.questions if q.probes), None)
    found: Moves = {}
    if question is None or question.probes is None:
        return found
    used = driven(f, question.drive)
    unseen = False
    with contextlib.redirect_stdout(Sink()), np.errstate(all="ignore"):
        for args in question.probes(np.random.default_rng(PUBLIC_SEEDS[0])):
            names = arguments_of(parameters, question.drive, len(args))
            before = call(used, *copy.deepcopy(args))
            unseen |= before.error is not None
            for i, name in enumerate(names):
                for other in () if before.error else _others(args[i]):
                    given = copy.deepcopy(args)
                    after = call(used, *given[:i], other, *given[i + 1 :])
                    if after.error:
                        continue
                    both = (before.value, after.value)
                    pairs = [both] if whole else zip(*map(_parts, both), strict=False)
                    for part, (one, two) in enumerate(pairs):
                        moved = not alike(mark(one), mark(two))
                        found[part, name] = found.get((part, name), False) or moved
    return {who: moved for who, moved in found.items() if moved or not unseen}


def _parts(value: Any) -> Sequence[Any]:
    return value if isinstance(value, tuple | list) else (value,)


def _others(value: Any) -> Sequence[Any]:
    """Other numbers, or arrays of others of the same shape: one of them the other way round."""
    real = isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")
    return (1.5 * value + 0.3, -value - 0.1) if real else ()
