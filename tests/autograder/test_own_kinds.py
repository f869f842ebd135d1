"""What only the student's process knows whole comes back to it whole: values of its own kinds."""

from __future__ import annotations

import copy
import weakref

import numpy as np
import pytest

from autograder.exercises import find
from autograder.judge import judge
from autograder.sandbox.container import Container, Warmth, helpers_folder
from autograder.sandbox.generators import MOST_CHILDREN
from autograder.sandbox.remote import muted
from tests.autograder.test_sandbox import defined
from tests.conftest import contained

pytestmark = contained


@pytest.fixture(scope="module")
def container():
    with Container(Warmth((helpers_folder(),))) as made:
        yield made


CHILDREN = "def children(rng):\n    return [child.normal() for child in rng.spawn(2)]\n"


@pytest.mark.parametrize("seed", [5, [3, 4], None])
def test_a_generators_children_are_those_of_its_seed(container, seed):
    """Those of the second call are others than those of the first, here as there."""
    there = defined(container, CHILDREN).request("name", "children")
    handed, same = (np.random.default_rng(5 if seed is None else seed) for _ in range(2))
    if seed is None:
        (handed,), (same,) = handed.spawn(1), same.spawn(1)
    for _ in range(3):
        assert there(handed) == [child.normal() for child in same.spawn(2)]
    assert handed.bit_generator.seed_seq.state == same.bit_generator.seed_seq.state


def test_children_without_end_cost_the_judge_nothing(container):
    source = "def many(rng):\n    rng.bit_generator.seed_seq.spawn(1_000_000)\n"
    rng = np.random.default_rng(0)
    defined(container, source).request("name", "many")(rng)
    assert rng.bit_generator.seed_seq.n_children_spawned == MOST_CHILDREN


def test_nothing_that_was_handed_over_is_held_when_a_process_has_ended(container):
    """What a right answer made for one student would else take the next one's memory."""

    class Large:
        def __call__(self):
            return self

    session = defined(container, "kept = []\n\ndef keep(f):\n    kept.append(f)\n")
    handed = Large()
    there = weakref.ref(handed)
    session.request("name", "keep")(handed)
    del handed
    assert there() is not None
    session.close()
    assert there() is None


UNSEEN = """
def records(state):
    table = np.zeros(3, dtype=[("s", float), ("r", float)])
    table["s"] = 1 + state.get("table", table)["s"]
    return table["s"], {"table": table}

def objects(state):
    pair = np.empty(2, dtype=object)
    pair[0] = 1 + (state["pair"][0] if state else 0)
    pair[1] = {"n": pair[0]}
    return pair[1]["n"], {"pair": pair}
"""


@pytest.mark.parametrize("name", ["records", "objects"])
def test_an_array_that_the_judge_cannot_read_comes_back_as_it_was(container, name):
    there = defined(container, UNSEEN).request("name", name)
    state: dict = {}
    for step in range(1, 60):  # beyond what is kept of what nobody holds any more
        found, state = there(state)
        assert np.all(np.asarray(found) == step)


OWN_KINDS = """
from collections import OrderedDict, namedtuple

Memory = namedtuple("Memory", "v n")

class State(dict):
    def bumped(self):
        self["n"] = self.get("n", 0) + 1
        return self

class Row(np.ndarray):
    pass

def remembers(state):
    memory = state["memory"] if state else Memory(np.zeros(2), 0)
    return {"memory": Memory(memory.v + 1, memory.n + 1)}

def changes(state):
    return (state or State()).bumped()

def doubles(row):
    row *= 2
    return row

def row():
    return np.ones(3).view(Row)

def same(one, other):
    return one is other

def kind(value):
    return type(value).__name__
"""


def test_a_value_of_a_students_own_kind_comes_back_as_it_was(container):
    session = defined(container, OWN_KINDS)
    remembers, same, kind = (session.request("name", n) for n in ("remembers", "same", "kind"))
    state: dict = {}
    for step in range(1, 40):
        state = remembers(state)
        values, count = state["memory"]
        assert np.array_equal(values, [step, step])
        assert count == step
    assert kind(state["memory"]) == "Memory"
    assert same(state["memory"], state["memory"])
    assert same(state["memory"], copy.deepcopy(state)["memory"])


def test_what_is_changed_in_place_in_one_of_these_is_seen_here(container):
    session = defined(container, OWN_KINDS)
    first = session.request("name", "changes")({})
    before = copy.deepcopy(first)
    second = session.request("name", "changes")(first)
    assert second is first
    assert (dict(before), dict(first)) == ({"n": 1}, {"n": 2})
    row = session.request("name", "row")()
    assert session.request("name", "doubles")(row) is row
    assert np.array_equal(row, [2, 2, 2])


def test_what_is_computed_here_with_one_of_these_is_something_else(container):
    session = defined(container, OWN_KINDS)
    row = session.request("name", "row")()
    assert np.array_equal(session.request("name", "doubles")(3.0 * row), [6, 6, 6])
    assert np.array_equal(row, [1, 1, 1])


@pytest.mark.parametrize("base", ["dict", "list"])
@pytest.mark.parametrize("name", ["Dense", "ReLU", "Tensor"])
def test_a_class_that_derives_from_a_container_is_judged_by_what_it_does(container, name, base):
    """As with attributes that are kept in the dict itself; hashed as any object is."""
    exercise = find(name)
    hashed = f"class {name}({base}):\n    __hash__ = object.__hash__\n"
    new = f"    def __new__(cls, *_, **__):\n        return {base}.__new__(cls)\n"
    derived = exercise.source.replace(f"class {name}:", hashed + new)
    assert derived != exercise.source
    session = defined(container, derived)
    with muted():
        verdict = judge(exercise, session.request("name", name), 7)
    session.close()
    assert verdict.earned == verdict.points, verdict.reason
