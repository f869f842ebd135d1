"""A bar that grows while something takes its time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")
WIDTH = 20
"""How many characters a full bar has."""
EVERY = 0.1
"""It is drawn anew after so many seconds at the earliest."""


class Bar:
    """What is done so far, as one line of text."""

    def __init__(self, label: str, count: int):
        self.label, self.count, self.done, self.began = label, count, 0, time.perf_counter()

    def __repr__(self) -> str:
        full = WIDTH * self.done // max(self.count, 1)
        bar = "■" * full + "□" * (WIDTH - full)
        seconds = time.perf_counter() - self.began
        return f"{self.label}: {bar} {self.done} of {self.count}, {seconds:.1f} s"


def progress(items: Iterable[Item], label: str = "working") -> Iterator[Item]:
    """Each of these items in turn, under a bar that says how many are done.

    >>> for seed in progress(range(3), "training"):
    ...     pass
    """
    every = list(items)
    bar, handle = Bar(label, len(every)), _shown()
    last = bar.began
    handle.display(bar)
    try:
        for item in every:
            yield item
            bar.done += 1
            now = time.perf_counter()
            if now - last > EVERY:
                handle.update(bar)
                last = now
    finally:
        handle.update(bar)


class _Nowhere:
    """Where nothing is shown: outside a notebook."""

    def display(self, bar: Any) -> None: ...

    def update(self, bar: Any) -> None: ...


def _shown() -> Any:
    """Something that shows a line and can change it later."""
    from IPython import get_ipython
    from IPython.display import DisplayHandle

    shell = get_ipython()
    return DisplayHandle() if getattr(shell, "kernel", None) else _Nowhere()
