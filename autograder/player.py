"""Plays a notebook in the sandbox: cell after cell, as a student would see it.

A cell that hangs, or kills its process, costs itself: the next one runs in a fresh process in which
the cells before it were run again. All processes of a notebook share its time.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.sandbox.cage import Bounds
from autograder.sandbox.container import Container, Ending, SandboxError
from autograder.sandbox.session import Gone, Session, Stopped
from autograder.sanitize import harmless_data, harmless_metadata

MOST_REPLAYS = 12
"""Fresh processes for one notebook."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use. `question`: seconds for a cell, or for all calls of one answer."""

    question: float = 30.0
    bounds: Bounds = field(default_factory=Bounds)

    @property
    def notebook(self) -> float:
        """Seconds for a whole notebook, everything that is run again included."""
        return 10 * self.question


@dataclass
class Use:
    """What a submission has used: seconds of wall time and of CPU, bytes at most, processes."""

    wall: float = 0.0
    cpu: float = 0.0
    memory: int = 0
    processes: int = 0

    def add(self, ending: Ending) -> None:
        self.cpu += ending.seconds
        self.memory = max(self.memory, ending.memory)
        self.processes += 1


@dataclass
class Player:
    """One notebook in the sandbox.

    played: the sources that ran, in order. faults: what stopped them, by place in that order.
    again: those of the faults that a cell had only when it was run again.
    """

    container: Container
    limits: Limits
    files: dict[str, bytes]
    seed: int
    use: Use = field(default_factory=Use)
    played: list[str] = field(default_factory=list)
    faults: dict[int, Stopped] = field(default_factory=dict)
    again: dict[int, Stopped] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    session: Session | None = None

    def play(self, source: str) -> tuple[list[NotebookNode], Stopped | None]:
        """Run a cell; its outputs, and what stopped it, if something did."""
        place = len(self.played)
        self.played.append(source)
        screen = Screen()
        try:
            session = self.ready(place)
            session.run(source, screen.show)
        except Stopped as stop:
            self.faults[place] = stop
            screen.show(error_output("Stopped", str(stop)))
            self.drop_dead()
            return screen.outputs, stop
        session.rest()
        return screen.outputs, None

    def ready(self, place: int | None = None) -> Session:
        """A process in which all cells before `place` (all so far) have run.

        Raises `Gone` where the notebook has used up its time or its processes.
        """
        place = len(self.played) if place is None else place
        while self.session is None:
            self._fresh(place)
        self.allow(self.session, self.limits.question)
        return self.session

    @property
    def left(self) -> float:
        """Seconds left of the notebook's time."""
        return self.started + self.limits.notebook - time.monotonic()

    def allow(self, session: Session, seconds: float) -> None:
        """Let it take so long, but no longer than is left. Raises `Gone` where nothing is."""
        left = self.left
        limit = (
            f"{self.limits.notebook:g} s, the time of a whole notebook and all that is run again"
        )
        if left <= 0:
            raise Gone("time", limit=limit)
        last = time.monotonic() + left + self.limits.question
        session.allow(min(seconds, left), limit if left < seconds else "", last)

    def _fresh(self, place: int) -> None:
        """A new process, and the earlier cells again; one that fails now is left out for good."""
        if self.use.processes >= MOST_REPLAYS:
            raise Gone("replays", str(MOST_REPLAYS))
        session = Session(self.container.fork(self.limits.bounds, self.seed))
        self.session = session
        i = -1
        try:
            self.allow(session, self.limits.question)
            for name, content in self.files.items():
                session.request("file", name, content)
            for i, source in enumerate(self.played[:place]):
                if i not in self.faults:
                    self.allow(session, self.limits.question)
                    session.run(source, lambda output: None)
        except Stopped as stop:
            self.end()
            if self.left <= 0:  # which is not this cell's doing alone
                raise
            if i < 0:
                raise SandboxError(f"the assignment's files: {stop}") from stop
            self.faults[i] = self.again[i] = stop

    def drop_dead(self) -> None:
        if self.session is not None and not self.session.alive:
            self.end()

    def end(self) -> None:
        if self.session is not None:
            self.use.add(self.session.close())
            self.session = None
        self.use.wall = time.monotonic() - self.started

    def __enter__(self) -> Player:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


# --- Outputs ------------------------------------------------------------------------------------


class Screen:
    """Collects a cell's outputs as a notebook keeps them. Whatever is malformed is left out."""

    def __init__(self) -> None:
        self.outputs: list[NotebookNode] = []
        self.named: dict[str, list[NotebookNode]] = {}
        self.clear_next = False

    def show(self, output: dict) -> None:
        if output.get("output_type") == "clear":
            self.clear_next = bool(output.get("wait"))
            if not self.clear_next:
                self.outputs.clear()
            return
        with contextlib.suppress(Exception):  # malformed in any of the ways there are
            self._add(output)

    def _add(self, output: dict) -> None:
        made = validated(output)
        if self.clear_next:
            self.outputs.clear()
            self.clear_next = False
        name = output.get("display_id")
        if isinstance(name, str):
            if output.get("update"):
                for shown in self.named.get(name, []):
                    shown.data, shown.metadata = made.data, made.metadata
                return
            self.named.setdefault(name, []).append(made)
        if self.outputs and _one_stream(self.outputs[-1], made):
            self.outputs[-1].text += made.text
        else:
            self.outputs.append(made)


def _one_stream(last: NotebookNode, made: NotebookNode) -> bool:
    return last.output_type == "stream" == made.output_type and bool(last.name == made.name)


TERMINAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f]")


def validated(output: dict) -> NotebookNode:
    """An output of the types that a notebook has, or a `ValueError`."""
    kind = output["output_type"]
    if kind == "stream" and output["name"] in ("stdout", "stderr"):
        return nbformat.v4.new_output(kind, name=output["name"], text=_text(output["text"]))
    if kind == "error":
        return error_output(
            _text(output["ename"]), _text(output["evalue"]), [*map(_text, output["traceback"])]
        )
    if kind in ("display_data", "execute_result"):
        data = {_text(mime): _jsonable(value) for mime, value in output["data"].items()}
        extra = {}
        if kind == "execute_result":
            extra["execution_count"] = int(output["execution_count"])
        metadata = harmless_metadata(_jsonable(output["metadata"]))
        made = nbformat.v4.new_output(kind, metadata=metadata, **extra)
        made.data = nbformat.from_dict(harmless_data(data))
        return made
    raise ValueError(f"no output is of type {kind!r}")


def error_output(name: str, text: str, lines: list[str] | None = None) -> NotebookNode:
    shown = lines if lines is not None else [f"{name}: {text}"]
    return nbformat.v4.new_output("error", ename=name, evalue=text, traceback=shown)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return TERMINAL.sub("", value).encode("utf-8", "replace").decode()


def _jsonable(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return _text(value)
    if value is None or type(value) in (bool, int, float):
        return value
    if depth < 40 and isinstance(value, dict):
        return {_text(k): _jsonable(v, depth + 1) for k, v in value.items()}
    if depth < 40 and isinstance(value, list | tuple):
        return [_jsonable(v, depth + 1) for v in value]
    raise ValueError("no JSON")


def texts(outputs: list[NotebookNode]) -> Iterator[str]:
    for output in outputs:
        yield output.get("text", "") or output.get("evalue", "")
