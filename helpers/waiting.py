"""What shows your answers at work waits until they are written, and lets Run All go on."""

from __future__ import annotations

import sys
from types import FrameType, TracebackType


class once_written:
    """In place of an exception from an answer that is not written yet, one line is printed.

    >>> def linear_model(x):
    ...     raise NotImplementedError
    >>> with once_written():
    ...     linear_model(3)
    This cell waits for `linear_model`: write it, then run this cell again.

    Everything else that goes wrong inside is told as always.
    """

    def __enter__(self) -> None:
        self.before = _figures()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> bool:
        if not isinstance(error, NotImplementedError) or where is None:
            return False
        cell, inner = where.tb_frame, _innermost(where)
        if inner.f_globals is not cell.f_globals:  # a library's own, and no answer of the notebook
            return False
        for number in _figures() - self.before:  # half a plot says nothing
            sys.modules["matplotlib.pyplot"].close(number)
        name = "an exercise above" if inner is cell else _name_of(inner)
        print(f"This cell waits for {name}: write it, then run this cell again.")
        return True


def _innermost(where: TracebackType) -> FrameType:
    while where.tb_next is not None:
        where = where.tb_next
    return where.tb_frame


def _name_of(frame: FrameType) -> str:
    """The function's or class's name, also of what is defined within."""
    name = frame.f_code.co_qualname.split(".")[0]
    return f"`{name}`" if name.isidentifier() else "an exercise above"


def _figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()
