"""What has to stay as it was: the arguments of a call, and what an earlier call returned."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from helpers._describing import describe_call
from helpers._findings import Raised, Wrong, change, not_plain, same
from helpers.questions.base import Drive, Right, arguments_of, call_each, copies


def leaving(f: Callable, right: Right, args: tuple, drive: Drive | None = None) -> Any:
    """What the answer returns for these arguments. `Wrong` where it changes one of them."""
    return next(leaving_each(f, right, [args], drive))


def leaving_each(
    f: Callable, right: Right, many: Sequence[tuple], drive: Drive | None = None
) -> Iterator[Any]:
    """The same for each of these, in turn."""
    handed = copies(many)
    for args, given, result in zip(many, handed, call_each(f, handed, drive), strict=True):
        if result.error:
            raise Raised(result.error)
        unchanged(f, right, args, given, drive)
        yield result.value


def unchanged(
    f: Callable, right: Right, args: tuple, given: tuple, drive: Drive | None = None
) -> None:
    """`Wrong` where what was given is no longer what was drawn."""
    names = partial(arguments_of, right.parameters, drive, len(args))
    wrong = change(f, names, args, given)
    if wrong:
        raise Wrong(wrong)


def turned_round(value: Any) -> Any:
    """The same numbers in another order, which are as good an argument; itself where it has none.

    What is symmetric stays so.
    """
    if type(value) is list and len(value) > 1 and all(type(part) is float for part in value):
        return value[::-1]
    turns = isinstance(value, np.ndarray) and value.size > 1
    return np.array(np.flip(value)) if turns else value


class Kept:
    """What an answer returned, to be looked at again when it has been called again."""

    def __init__(self) -> None:
        self.results: list[tuple[Any, Any, Callable, tuple]] = []

    def add(self, value: Any, f: Callable, args: tuple) -> None:
        """The value that this call of `f` came to; it is compared with a copy of itself."""
        if not not_plain(value):
            self.results.append((value, copy.deepcopy(value), f, args))

    def look_again(self) -> None:
        """`Wrong` where one of them was changed by a later call."""
        for value, copied, f, args in self.results:
            if not same(copied, value):
                raise Wrong(
                    f"{describe_call(f, args)}: what it returned was changed by a later call; "
                    "return a new array each time"
                )
