"""Processors: which ones a submission and its judge have, and whose time it is to wait for one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.sandbox.clock import BUSIEST
from autograder.sandbox.process import PROCESSORS
from autograder.sandbox.seen import Others, Turns
from autograder.sandbox.session import Session, Stopped
from tests.conftest import contained


@contained
def test_the_time_in_the_queue_is_read(session):
    """Two that want one processor wait for each other."""
    if not Path("/proc/thread-self/schedstat").exists():
        pytest.skip("this kernel keeps no record of waiting")
    processor = {min(os.sched_getaffinity(0))}
    os.sched_setaffinity(session.process.host_pid, processor)
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        os.sched_setaffinity(other.pid, processor)
        before = session.process.turns
        session.run("import time\nwhile time.process_time() < 0.3: pass", lambda output: None)
        assert session.process.turns.waited_since(before) > 0.05
    finally:
        other.kill()
        other.wait()


@contained
def test_its_main_thread_and_ours_share_a_processor_and_do_not_wait_for_each_other(session):
    session.process.gather()
    here = os.sched_getaffinity(0)
    assert len(here) == 1
    assert os.sched_getaffinity(session.process.host_pid) == here
    session.run("def asks(f):\n    for i in range(2000):\n        f(i)", lambda output: None)
    before, begun = session.process.turns, time.monotonic()
    session.request("name", "asks")(lambda i: i)
    took = time.monotonic() - begun
    turns = Turns(*(b - a for a, b in zip(before, session.process.turns, strict=True)))
    assert session.process.turns.waited_since(before) < took - turns.ran - turns.their_ran + 0.1
    session.run("", lambda output: None)  # a cell may use what there is
    assert os.sched_getaffinity(0) == os.sched_getaffinity(session.process.host_pid) == PROCESSORS
    session.process.gather()
    session.close()
    assert os.sched_getaffinity(0) == PROCESSORS


@contained
def test_a_process_that_has_ended_has_waited_for_nothing_since(session):
    session.allow(60)
    with pytest.raises(Stopped):
        session.run("import os; os._exit(3)", lambda output: None)
    assert session.waited < 1


def test_what_other_processes_have_had_is_not_given_back_when_they_end():
    gone, there = Others(0.0, False), Others(20.0, True)
    pipe = SimpleNamespace(connection=SimpleNamespace(settimeout=lambda seconds: None))
    process = SimpleNamespace(pipe=pipe, turns=Turns(), others=there)
    session = Session(process)  # type: ignore[arg-type]
    session.allow(5.0)
    process.others, process.turns = gone, Turns(their_queued=100.0)
    assert session.waited == (BUSIEST - 1) * 5.0
    process.turns = Turns()
    assert session.waited == 0.0
    session.rest()


@pytest.mark.parametrize(
    ("now", "waited"),
    [
        (Turns(ran=1.0, their_queued=0.9), 0.0),
        (Turns(their_ran=1.0, queued=0.9), 0.0),
        (Turns(their_ran=1.0, their_queued=0.7), 0.7),
        (Turns(ran=1.0, queued=0.7), 0.7),
        (Turns(0.3, 0.5, 0.3, 0.4), 0.3),
        (Turns(10.0, 10.0, 10.0, 10.0, clock=40.0), 20.0),
        (Turns(10.0, 5.0, 10.0, 5.0, clock=20.0), 0.0),
        (Turns(their_ran=1.0, clock=30.0), 0.0),
    ],
)
def test_a_turn_of_the_other_is_not_waiting_for_a_processor(now, waited):
    assert now.waited_since(Turns()) == pytest.approx(waited)
