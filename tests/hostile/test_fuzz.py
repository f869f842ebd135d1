"""Whatever a student's process says, the judge holds: some hundred cases of `benchmarks.fuzz`."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest

from benchmarks.fuzz import Fuzz, sandbox, seeds
from benchmarks.liar import Values
from helpers.judging.verdict import Finding, Verdict
from tests.conftest import contained

CASES = 120


@contained
@pytest.mark.spread
def test_whatever_is_said_the_judge_holds():
    with sandbox() as container:
        fuzz = Fuzz(container)
        for seed in islice(seeds(5), CASES):
            fuzz.case(seed)
        fuzz.neighbours()
    assert not fuzz.figures.faults, str(fuzz.figures)
    # Lies of all kinds came as far as the judge, and some not that far.
    assert fuzz.figures.cases["in the sandbox"] > CASES // 10
    assert {"protocol", "another answer", "right"} <= set(fuzz.figures.reasons)
    assert fuzz.figures.reasons["another answer"] > CASES // 10


def test_a_fault_is_seen(monkeypatch):
    fuzz = Fuzz()
    full = Verdict("square", (Finding("says", 2.0, 2.0, None),))
    fuzz.look_at(full, "case 1", 2.0)
    assert not fuzz.figures.faults
    fuzz.look_at(full, "case 2", 0.0)
    assert len(fuzz.figures.wrong_points) == 1

    odd = Finding("says", 2.0, 0.0, "wrong")
    object.__setattr__(odd, "wrong", "\x1b[2J")
    fuzz.look_at(Verdict("square", (odd,)), "case 3", 0.0)
    assert len(fuzz.figures.unprintable) == 1

    monkeypatch.setattr(Fuzz, "verdict", lambda *arguments: 1 / 0)
    fuzz.case(1)
    assert len(fuzz.figures.crashes) == 1


def test_what_is_sent_depends_on_the_seed_alone():
    assert list(islice(seeds(5), 9)) == list(islice(seeds(5), 9))
    drawn = [[Values(Random(seed)).many(0) for seed in range(20)] for _ in range(2)]
    assert repr(drawn[0]) == repr(drawn[1])
