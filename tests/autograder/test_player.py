"""A notebook's time and processes, whatever its cells do when they are run again."""

from __future__ import annotations

import random
from collections.abc import Collection
from types import SimpleNamespace

import pytest

from autograder.playing import player
from autograder.playing.player import MOST_FAULTS, MOST_REPLAYS, Limits, Part, Player
from autograder.sandbox.clock import BUSIEST
from autograder.sandbox.container import Container, Warmth, helpers_folder
from autograder.sandbox.process import Ending
from autograder.sandbox.seen import Turns
from autograder.sandbox.session import Gone, Session, Stopped
from tests.conftest import contained

LIMITS = Limits(question=30.0)
DIES = -1.0
"""Seconds of a cell that ends its process."""


class World:
    """Processes and a clock of our own: `takes(cell, process)` says how long a cell takes there."""

    def __init__(self, takes, monkeypatch):
        self.takes = takes
        self.now = 1000.0
        self.processes = 0
        self.latest = 0.0
        monkeypatch.setattr(player, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(player, "Session", lambda process: Pretended(self, process))

    def fork(self, bounds, seed):
        self.processes += 1
        self.now += 0.1
        return self.processes

    def play(
        self, cells: int, extras: Collection[int] = (), acting: Collection[int] = ()
    ) -> tuple[Player, list[str]]:
        """A notebook of so many cells; what stopped each of them, as it is told."""
        played = Player(self, LIMITS, {}, 0, started=self.now)  # type: ignore[arg-type]
        told = []
        with played:
            for cell in range(cells):
                part = Part.EXTRA if cell in extras else Part.NEEDED
                part = Part.ACTING if cell in acting else part
                _, stop = played.play(str(cell), part is not Part.NEEDED, part)
                told.append(str(stop) if stop else "")
        return played, told


class Pretended:
    """A session without a process, which never waits for a processor."""

    waited = 0.0

    def __init__(self, world: World, process: int):
        self.world, self.process = world, process
        self.alive = True

    def allow(self, seconds, limit="", last=float("inf")):
        assert seconds > 0
        self.deadline, self.limit = self.world.now + seconds, limit or f"{seconds:g} s"
        self.world.latest = max(self.world.latest, last)
        assert self.deadline <= last

    def run(self, source, show):
        assert self.alive
        seconds = self.world.takes(int(source), self.process)
        if seconds == DIES:
            self.alive = False
            raise Gone("exited")
        if self.world.now + seconds > self.deadline:
            self.world.now = self.deadline
            self.alive = False
            raise Gone("time", limit=self.limit)
        self.world.now += seconds
        return True

    def rest(self):
        pass

    def close(self):
        self.alive = False
        return Ending(0)


def test_a_cell_that_hangs_costs_itself_and_not_forty_others(monkeypatch):
    world = World(lambda cell, process: 3600.0 if cell == 20 else 1.0, monkeypatch)
    played, told = world.play(41)
    assert [cell for cell, stop in enumerate(told) if stop] == [20]
    assert told[20] == "time: it ran longer than 30 s"
    assert played.again == {}


def test_cells_that_are_slow_only_when_run_again_use_up_the_notebooks_time(monkeypatch):
    def takes(cell, process):
        return DIES if cell in (12, 14) else 0.1 if process == 1 else 29.0

    world = World(takes, monkeypatch)
    begun = world.now
    _, told = world.play(20)
    whole = "300 s, the time of a whole notebook and all that is run again"
    assert told[:13] == [""] * 12 + ["exited: it ended its own process"]
    assert set(told[13:]) == {f"time: it ran longer than {whole}"}
    assert LIMITS.notebook <= world.now - begun <= LIMITS.notebook + LIMITS.question


def test_cells_that_die_only_when_run_again_use_up_the_processes_and_that_is_said(monkeypatch):
    world = World(lambda cell, process: DIES if process > 1 or cell == 20 else 0.1, monkeypatch)
    begun = world.now
    played, told = world.play(30)
    assert told[:20] == [""] * 20
    assert world.processes == played.use.processes == MOST_REPLAYS
    assert set(told[21:]) == {"replays: its process ended 12 times; what came after was not run"}
    assert world.now - begun < LIMITS.question, "nothing was slow, so nothing says so"
    assert list(played.again) == list(range(MOST_REPLAYS - 1))


EXTRAS = "extras: no answer needs it, and such cells may take 30 s all together"


def test_cells_that_no_answer_needs_have_a_time_of_their_own(monkeypatch):
    extras = range(0, 40, 2)
    world = World(lambda cell, process: 3600.0 if cell in extras else 6.0, monkeypatch)
    _, told = world.play(40, extras)
    assert told[0] == "time: it ran longer than 30 s"
    assert {told[cell] for cell in extras[1:]} == {EXTRAS}
    assert not any(told[1::2])


def test_a_cell_that_acts_is_run_again_with_the_others_unless_it_takes_long(monkeypatch):
    ran: dict[int, set[int]] = {}

    def takes(cell: int, process: int) -> float:
        ran.setdefault(process, set()).add(cell)
        return DIES if (cell, process) == (4, 1) else 3.0 if cell == 1 else 0.1

    _, told = World(takes, monkeypatch).play(6, extras=[3], acting=[0, 1, 2])
    assert ran[1] == {0, 1, 2, 3, 4}
    assert ran[2] == {0, 2, 5}
    assert [bool(each) for each in told] == [False] * 4 + [True, False]


def test_where_the_seconds_of_extras_are_over_a_quick_cell_that_acts_runs_all_the_same(monkeypatch):
    extras, acting = range(0, 300, 2), range(1, 300, 2)
    world = World(lambda cell, process: 3600.0 if cell == 0 else 1.0, monkeypatch)
    begun = world.now
    _, told = world.play(300, extras, acting)
    assert {told[cell] for cell in extras[1:]} == {EXTRAS}
    ran = sum(not told[cell] for cell in acting)
    assert ran > 50
    assert world.now - begun < LIMITS.notebook + 2 * LIMITS.question, "it is the notebook's time"


def test_who_says_to_act_and_takes_long_ends_three_processes(monkeypatch):
    acting = range(20)
    world = World(lambda cell, process: 3600.0 if cell in acting else 0.1, monkeypatch)
    _, told = world.play(32, acting=acting)
    assert told[0] == "time: it ran longer than 30 s"
    assert set(told[1:3]) == {"time: it ran longer than 2 s"}
    assert set(told[3:20]) == {EXTRAS}
    assert not any(told[20:])


def test_cells_that_no_answer_needs_end_three_processes_and_none_of_the_answers(monkeypatch):
    extras = range(20)
    world = World(lambda cell, process: DIES if cell in extras else 0.1, monkeypatch)
    played, told = world.play(32, extras)
    assert told[:3] == ["exited: it ended its own process"] * 3
    assert set(told[3:20]) == {EXTRAS}
    assert not any(told[20:])
    assert played.use.processes == 4


def test_cells_that_no_answer_needs_take_none_of_the_answers_processes(monkeypatch):
    extras, dies = range(3), range(3, 14)
    world = World(lambda cell, process: DIES if cell < 14 else 0.1, monkeypatch)
    _, told = world.play(15, extras)
    assert told[: dies.stop] == ["exited: it ended its own process"] * dies.stop
    assert told[-1] == ""


@pytest.mark.parametrize("seed", range(30))
def test_whatever_cells_do_the_notebooks_time_is_kept(monkeypatch, seed):
    """In each process they are quick, slow, endless or deadly, by chance."""
    draw = random.Random(seed)
    kinds = draw.choices([0.01, 1.0, 10.0, 29.0, 40.0, DIES], k=4)
    calm = draw.random()  # of how many cells are quick in any case

    def takes(cell, process):
        return draw.choice(kinds) if draw.random() > calm else 0.01

    world = World(takes, monkeypatch)
    begun = world.now
    played, told = world.play(60)
    spent = world.now - begun
    assert spent <= LIMITS.notebook + LIMITS.question
    assert world.processes <= MOST_REPLAYS
    assert world.latest <= begun + BUSIEST * LIMITS.notebook + LIMITS.question + 1e-6
    for stop in told:
        if "whole notebook" in stop:
            assert spent >= LIMITS.notebook - 1e-6, "a reason that is not true"
        if stop.startswith("replays"):
            assert played.use.processes == MOST_REPLAYS


def test_waiting_for_a_processor_does_not_count_but_draws_nothing_beyond_the_last_moment():
    pipe = SimpleNamespace(connection=SimpleNamespace(settimeout=lambda seconds: None))
    others = SimpleNamespace(seconds=0.0, some=False)
    process = SimpleNamespace(pipe=pipe, turns=Turns(), others=others)
    session = Session(process)  # type: ignore[arg-type]
    session.allow(5.0)
    process.turns = Turns(their_queued=20.0)  # seconds without a processor, whatever the clock says
    assert session.waited == 20.0
    session.deadline = 0.0
    assert session.left() > 24.0
    session.allow(5.0, "its last seconds", session.begun + 7.0)
    process.turns = Turns(their_queued=40.0)
    session.deadline = 0.0
    assert session.left() <= 7.0
    assert session.waited == 40.0
    assert session.limit == "its last seconds"
    session.rest()


@contained
def test_in_the_sandbox_the_thirteenth_process_is_not_started():
    with (
        Container(Warmth((helpers_folder(),))) as container,
        Player(container, LIMITS, {}, 0) as played,
    ):
        stops = [played.play("import os\nos._exit(3)")[1] for _ in range(MOST_REPLAYS + 2)]
        assert [stop.reason for stop in stops] == ["exited"] * MOST_REPLAYS + ["replays"] * 2
        with pytest.raises(Stopped, match=r"^replays: its process ended 12 times; what came after"):
            played.ready()


def test_what_is_judged_again_costs_no_answer_and_no_experiment(monkeypatch):
    """A question's time of it is given back, and one process, also where extras have had theirs."""
    world = World(lambda cell, process: 3600.0 if cell < MOST_FAULTS else 1.0, monkeypatch)
    player, _ = world.play(10, extras=range(MOST_FAULTS))
    assert player.ended == 1, "the other two were not run"
    spent, left, processes = player.spent, player.left, player.use.processes
    moment = player.moment()
    world.now += 3 * LIMITS.question
    player.pardon(moment)
    assert player.left == pytest.approx(left - 2 * LIMITS.question)
    assert player.spent == spent
    for _ in range(MOST_REPLAYS + player.ended + 1 - processes):
        player.end()
        player.ready()
    player.end()
    with pytest.raises(Gone):
        player.ready()


WRITES = """
import os, resource
print(os.path.getsize("big.bin"))
open("mine.bin", "wb").write(b"x" * (15 << 20))
for more in ("resource.setrlimit(resource.RLIMIT_FSIZE, (30 << 20, 30 << 20))",
             "open('mine.bin', 'wb').write(b'x' * (17 << 20))"):
    try:
        eval(more)
    except (OSError, ValueError) as error:
        print(type(error).__name__)
"""


@contained
def test_a_file_of_the_courses_own_may_be_larger_than_one_that_an_answer_writes():
    """And what it takes of the disk is not taken from the student."""
    files = {"big.bin": bytes(48_000_000)}
    with (
        Container(Warmth((helpers_folder(),))) as container,
        Player(container, Limits(question=20.0), files, 0) as played,
    ):
        (output,), stop = played.play(WRITES)
        assert stop is None
        assert output.text.split() == ["48000000", "ValueError", "OSError"]
        (output,), stop = played.play("import shutil\nprint(shutil.disk_usage('.').free >> 20)")
        assert int(output.text) >= 45
