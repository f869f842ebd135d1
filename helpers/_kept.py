"""The arrays that a check's own function uses by name: which of them a call changed, and back."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from helpers._code import LAMBDA, taker_of
from helpers._describing import name_of
from helpers._findings import changed, not_plain, same


class Kept:
    """What `f` finds under its global names and in its closure, as it is now.

    Arrays; of a lambda, which is a check's own, lists and dicts as well.
    """

    def __init__(self, f: Any):
        self.f = f
        kinds = (np.ndarray, list, dict) if _is_lambda(f) else (np.ndarray,)
        self.kept = [
            (name, value, copy.deepcopy(value))
            for name, value in _used(f)
            if type(value) in kinds and not not_plain(value)
        ]

    def change(self) -> str | None:
        """What has been changed since, in words, or None. Everything is put back."""
        said = None
        for name, value, before in self.kept:
            if not same(before, value):
                _put_back(value, before)
                said = said or changed(taker_of(self.f, name) or name_of(self.f), name)
        return said


def _is_lambda(f: Any) -> bool:
    return getattr(f, "__name__", None) == LAMBDA


def _used(f: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(f, FunctionType):
        return
    for name in dict.fromkeys(_names(f.__code__)):
        if name in f.__globals__:
            yield name, f.__globals__[name]
    for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not assigned yet
            continue


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _put_back(value: Any, before: Any) -> None:
    if isinstance(value, np.ndarray):
        value[...] = before
    elif isinstance(value, list):
        value[:] = before
    else:
        value.clear()
        value.update(before)
