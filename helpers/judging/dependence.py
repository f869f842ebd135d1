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


def moved_by(asked: Asked, f: Callable, parameters: Sequence[str]) -> dict[str, bool]:
    """By name, for each real argument of the first question with probes: whether the result
    changes with it, on any of the public inputs; where that can be said.
    """
    question = next((q for q in asked.questions if q.probes), None)
    found: dict[str, bool] = {}
    if question is None or question.probes is None:
        return found
    used = driven(f, question.drive)
    with contextlib.redirect_stdout(Sink()), np.errstate(all="ignore"):
        for args in question.probes(np.random.default_rng(PUBLIC_SEEDS[0])):
            names = arguments_of(parameters, question.drive, len(args))
            before = call(used, *copy.deepcopy(args))
            for i, name in enumerate(names):
                other = _changed(args[i])
                if before.error or other is None:
                    continue
                given = copy.deepcopy(args)
                after = call(used, *given[:i], other, *given[i + 1 :])
                if not after.error:
                    same = alike(mark(before.value), mark(after.value))
                    found[name] = found.get(name, False) or not same
    return found


def _changed(value: Any) -> Any:
    """Another number, or other numbers in an array of the same shape; None for anything else."""
    real = isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")
    return 1.5 * value + 0.3 if real else None
