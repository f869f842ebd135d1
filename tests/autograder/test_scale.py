"""Large classes on paper: what docs/scale.md says of limits, and the simulation by arithmetic."""

from __future__ import annotations

import contextlib
import json
import random
import re
from typing import Any

import pytest

from autograder.grading import work
from autograder.grading.longest import longest, on_the_clock
from autograder.grading.pool import AHEAD, LONGEST
from autograder.playing.patience import Spent, TooLong
from autograder.playing.player import MOST_FAULTS, MOST_REPLAYS, Limits
from benchmarks.scale import Costs, held, in_sections, simulate
from tests.autograder.test_player import DIES, LIMITS, World
from tests.conftest import ROOT

SCALE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
STARTS = 0.1
"""Seconds in which a pretended process starts."""


def test_the_sum_of_limits_is_what_the_page_says():
    rows = re.findall(r"^\| ([^|]+) \| ([\d,]+) s \|", SCALE, re.MULTILINE)
    said = {name: float(number.replace(",", "")) for name, number in rows}
    parts = longest(Limits())
    assert parts.items() <= said.items()
    assert said["**together**"] == sum(parts.values())
    assert said["**on the clock, where it keeps the processors busy itself**"] == on_the_clock(
        Limits()
    )
    usual = Limits()
    assert said["the kernel's end of a worker"] == usual.notebook + usual.question + LONGEST


@pytest.mark.parametrize("question", [1.0, 30.0, 600.0])
def test_the_kernels_end_comes_after_all_others(question):
    limits = Limits(question=question)
    parts = longest(limits)
    # What its cells compute is the sandbox's; the worker itself computes the rest.
    own = sum(parts.values()) - limits.question
    assert own < limits.notebook + limits.question + LONGEST


@pytest.mark.parametrize("seed", range(20))
def test_whatever_cells_do_they_take_no_more_than_the_page_says(monkeypatch, seed):
    """Answers' cells and the student's own, each quick, slow, endless or deadly by chance."""
    draw = random.Random(seed)
    kinds = draw.choices([0.01, 10.0, 29.0, 40.0, 3600.0, DIES], k=4)
    extras = set(draw.sample(range(60), 20))
    world = World(lambda cell, process: draw.choice(kinds), monkeypatch)
    begun = world.now
    world.play(60, extras)
    parts = longest(LIMITS)
    most = parts["the notebook: cells, questions, all that is run again"]
    most += parts["cells of the student's own that no answer needs"]
    assert world.now - begun <= most + STARTS * world.processes
    assert world.processes <= MOST_REPLAYS + MOST_FAULTS


def test_what_a_grade_needs_is_looked_for_in_one_time_of_a_notebook(monkeypatch):
    """However many answers there are. What is not found in it counts as all names."""
    nobody: Any = None
    job = work.Work(nobody, nobody, nobody, nobody, nobody)
    given = []

    @contextlib.contextmanager
    def takes_four(seconds):
        given.append(seconds)
        yield Spent(4.0)

    monkeypatch.setattr(work, "within", takes_four)
    for _ in range(3):
        with job.finding_names():
            pass
    with pytest.raises(TooLong), job.finding_names():
        pass
    assert given == [10.0, 6.0, 2.0]


# --- The simulation -----------------------------------------------------------------------------

FREE = Costs(0.0)


def test_one_worker_takes_the_sum():
    assert simulate([3.0, 1.0, 2.0], 1, FREE).wall == 6.0
    # The desk writes while the next one is at work, but for the last.
    assert simulate([1.0] * 50, 1, Costs(0.25)).wall == 50.25


def test_as_many_workers_as_tasks_take_the_longest():
    tasks = [1.0 + k / 8 for k in range(40)]
    made = simulate(tasks, 40, FREE)
    assert made.wall == max(tasks)
    assert made.limit == "the workers"


def test_workers_share_equal_tasks():
    assert simulate([0.5] * 64, 16, FREE).wall == 2.0
    assert simulate([0.5] * 65, 16, FREE).wall == 2.5


@pytest.mark.parametrize(
    ("costs", "limit"), [(Costs(1.0), "the desk"), (Costs(0.0, 1.0), "the scheduler")]
)
def test_what_there_is_once_takes_its_own_sum(costs, limit):
    """However many workers there are: beyond it, one task at the beginning of each batch."""
    count, workers = 400, 64
    made = simulate([1 / 64] * count, workers, costs)
    batches = count / (AHEAD * workers) + 1
    assert count <= made.wall <= count + batches / 64 + 1
    assert made.limit == limit


def test_no_run_is_shorter_than_any_of_its_parts():
    draw = random.Random(1)
    for workers in (1, 3, 16):
        tasks = [draw.expovariate(1.0) for _ in range(500)]
        costs = Costs(draw.random() / 8, draw.random() / 8)
        made = simulate(tasks, workers, costs)
        assert made.busy == pytest.approx(sum(tasks))
        assert all(share <= 1.0 + 1e-9 for share in made.shares.values())
        assert made.wall <= made.busy + made.desk + made.scheduler + 1e-9


def test_sections_have_desks_of_their_own():
    tasks, costs = [0.01] * 3200, Costs(0.5)
    one, many = simulate(tasks, 64, costs), in_sections(tasks, 64, costs)
    assert many.wall == pytest.approx(one.wall / 4, rel=0.01)
    assert many.busy == pytest.approx(one.busy)


def test_records_of_an_older_grader_are_not_taken_for_quick(tmp_path):
    path = tmp_path / "anna" / "01-small" / "01-small.json"
    path.parent.mkdir(parents=True)
    scored = {"student": "anna", "lesson": "01-small", "notebook": "01-small", "points": 1.0}
    scored |= {"of": 2.0, "to_grade_by_hand": 0.0, "digest": "", "reasons": [], "failed": False}
    record = scored | {"marks": {}, "made": {}, "used": {"wall": 3.0, "cpu": 1.0}}
    path.write_text(json.dumps(record))
    with pytest.raises(SystemExit, match="grade it again"):
        held(tmp_path)
    record["used"] |= {"judge": 0.5, "page": 0.25, "waited": 1.0}
    path.write_text(json.dumps(record))
    assert held(tmp_path) == {"01-small": [1.0 + 0.5 + 0.25 + 0.5]}
