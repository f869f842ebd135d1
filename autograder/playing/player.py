"""Plays a notebook in the sandbox: cell after cell, as a student would see it.

A cell that hangs, or kills its process, costs itself: the next one runs in a fresh process in which
the cells before it were run again. All processes of a notebook share its time.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from enum import Enum

from nbformat import NotebookNode

from autograder.playing.sanitize import Room, text
from autograder.playing.screen import Screen, error_output
from autograder.sandbox.cage import Bounds
from autograder.sandbox.clock import BUSIEST
from autograder.sandbox.container import Container
from autograder.sandbox.process import Ending, SandboxError
from autograder.sandbox.session import Gone, Session, Stopped

MOST_REPLAYS = 12
"""Fresh processes for one notebook."""
PIECE = 2_000_000
"""Bytes of a file beside the notebook that one message holds; a message has a largest size."""
OUTPUTS_OF_OWN = 2_000_000
"""Bytes of what the student's own cells show."""
LEAST = 0.001
"""Seconds below which nothing is left for extras."""
QUICK = 2.0
"""Seconds that one that acts has in any case, and below which it is run again."""
MOST_FAULTS = 3
"""Extras that may end their process; the others are not played."""


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
    """What a submission has used, and what it cost.

    wall: seconds from its first cell to its last verdict. cpu: of a processor, in the sandbox.
    memory: bytes at most. processes: those that were started, the first included. waited: of
    `wall`, seconds without a processor. judge, page: seconds of a processor, outside the sandbox.
    """

    wall: float = 0.0
    cpu: float = 0.0
    memory: int = 0
    processes: int = 0
    waited: float = 0.0
    judge: float = 0.0
    page: float = 0.0

    def add(self, ending: Ending) -> None:
        self.cpu += ending.seconds
        self.memory = max(self.memory, ending.memory)
        self.processes += 1


class Part(Enum):
    """What the answers and checks need of a cell.

    EXTRA: nothing, and it is the student's own. ACTING: no name, but it, or what it needs, does
    something to modules, files or the process that one of them may need.
    """

    NEEDED, EXTRA, ACTING = range(3)


@dataclass
class Player:
    """One notebook in the sandbox.

    played: the sources that ran, in order. faults: what stopped them, by place in that order.
    again: those of the faults that a cell had only when it was run again.
    room: what it may still show; room_of_own: what the student's own cells may.
    extras: places of cells of the student's own that no answer needs. They have `question` seconds
    all together, which are not the notebook's, and are not run again. One that acts and is quick
    is, and it runs where these seconds are over, on the notebook's time.
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
    waited: float = 0.0
    room: Room = field(default_factory=Room)
    room_of_own: Room = field(default_factory=lambda: Room(OUTPUTS_OF_OWN))
    extras: set[int] = field(default_factory=set)
    ended: int = 0
    """How many of these ended their process."""
    spent: float = 0.0
    """Seconds that they took."""
    pardoned: int = 0
    """Processes that what was done twice has cost."""
    elsewhere: float = 0.0
    """Seconds of it, which count for nothing."""
    session: Session | None = None

    def play(
        self, source: str, own: bool = False, part: Part = Part.NEEDED
    ) -> tuple[list[NotebookNode], Stopped | None]:
        """Run a cell; its outputs, and what stopped it, if something did.

        own: it is the student's own.
        """
        place = len(self.played)
        self.played.append(source)
        if part is not Part.NEEDED:
            self.extras.add(place)
        begun = None
        stopped = None
        ran = True
        screen = Screen()
        try:
            # Before a process is made, of which there may be no need.
            seconds = self._for_extras(part) if place in self.extras else self.limits.question
            session = self.ready(place)
            if place in self.extras:  # what was run again for it is the notebook's time
                begun = self.moment()
                self.allow(session, seconds)
            ran = session.run(source, screen.show)
        except Stopped as stop:
            self.faults[place] = stopped = stop
            self.ended += place in self.extras and stop.reason != "extras"
            self.drop_dead()
        if self.session is not None:
            self.session.rest()
        if begun:
            self._spend(place, part, begun)
        outputs = screen.outputs(self.room_of_own if own else self.room)
        if stopped:
            outputs.append(error_output("Stopped", text(str(stopped))))
        elif not ran and not any(output.output_type == "error" for output in outputs):
            outputs.append(error_output("Failed", "it ended in an error that it does not show"))
        return outputs, stopped

    def _for_extras(self, part: Part) -> float:
        """Seconds for a cell that no answer needs by name. Raises `Stopped` for one without."""
        left = self.limits.question - self.spent
        over = left < LEAST and part is Part.EXTRA
        if over or self.ended >= MOST_FAULTS:
            raise Stopped("extras", limit=f"{self.limits.question:g} s")
        return max(left, QUICK) if part is Part.ACTING else left

    def _spend(self, place: int, part: Part, begun: tuple[float, float]) -> None:
        """What such a cell took is not the notebook's time, as long as there is some for them."""
        took = time.monotonic() - begun[0] - (self._waited() - begun[1])
        if self.spent < self.limits.question:
            self.spent += self._forgive(*begun)
        if part is Part.ACTING and place not in self.faults and took < QUICK:
            self.extras.remove(place)

    def moment(self) -> tuple[float, float]:
        """Now, for `pardon`."""
        return time.monotonic(), self._waited()

    def pardon(self, moment: tuple[float, float]) -> None:
        """What has been done since is done again, once: a question's time of it is given back."""
        self.pardoned = 1
        self.elsewhere += self._forgive(*moment, most=self.limits.question)

    def _forgive(self, begun: float, waited: float, most: float = math.inf) -> float:
        """Seconds since then, which are not the notebook's."""
        took = min(time.monotonic() - begun, most)
        self.started += took
        self.waited -= self._waited() - waited
        return took

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
        """Seconds left of the notebook's time; those in which it had no processor do not count."""
        waited = self._waited()
        most = (BUSIEST - 1) * self.limits.notebook
        return self.started + self.limits.notebook + min(waited, most) - time.monotonic()

    def _waited(self) -> float:
        return self.waited + (self.session.waited if self.session else 0.0)

    def allow(self, session: Session, seconds: float) -> None:
        """Let it take so long, but no longer than is left. Raises `Gone` where nothing is."""
        left = self.left
        limit = (
            f"{self.limits.notebook:g} s, the time of a whole notebook and all that is run again"
        )
        if left <= 0:
            raise Gone("time", limit=limit)
        last = self.started + BUSIEST * self.limits.notebook + self.limits.question
        session.allow(min(seconds, left), limit if left < seconds else "", last)

    def _fresh(self, place: int) -> None:
        """A new process, and the earlier cells again; one that fails now is left out for good."""
        more = min(self.ended, MOST_FAULTS) + self.pardoned
        if self.use.processes >= MOST_REPLAYS + more:
            raise Gone("replays", str(MOST_REPLAYS))
        bounds, put_in = self.limits.bounds, sum(map(len, self.files.values()))
        bounds = replace(bounds, disk=bounds.disk + put_in)  # what is left is for the student
        session = Session(self.container.fork(bounds, self.seed))
        self.session = session
        i, name = -1, ""
        try:
            self.allow(session, self.limits.question)
            for name, content in self.files.items():
                for start in range(0, len(content) or 1, PIECE):
                    session.request("file", name, content[start : start + PIECE], start)
            for i, source in enumerate(self.played[:place]):
                if i not in self.faults and i not in self.extras:
                    self.allow(session, self.limits.question)
                    session.run(source, lambda output: None)
        except Stopped as stop:
            self.end()
            if self.left <= 0:  # which is not this cell's doing alone
                raise
            if i < 0:
                raise SandboxError(f"the assignment's files ({name}): {stop}") from stop
            self.faults[i] = self.again[i] = stop

    def drop_dead(self) -> None:
        if self.session is not None and not self.session.alive:
            self.end()

    def end(self) -> None:
        if self.session is not None:
            self.waited += self.session.waited
            self.use.waited += self.session.waited
            self.use.add(self.session.close())
            self.session = None
        self.use.wall = time.monotonic() - self.started + self.spent + self.elsewhere

    def __enter__(self) -> Player:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
