"""The checklist: wrong answers made of the right one, and only those that are wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.exercises import find
from autograder.exercises.page import Off, PageError, parse_page
from autograder.judge import judge
from autograder.proving import checklist as made
from autograder.proving import kinds as listed
from autograder.proving.checklist import checklist
from autograder.proving.prove import Proof, prove_checklist
from helpers.questions import every_name
from helpers.questions.base import Asked
from helpers.questions.usual import value


def kinds_of(name: str) -> set[str]:
    return {generated.kind for generated in checklist(find(name))}


def test_what_is_wrong_for_a_function_is_found_from_its_questions():
    kinds = kinds_of("layer")
    assert {
        "keeps its first result",
        "returns one array, filled again",
        "changes `W`",
        "truncates where `X` is of integers",
        "is wrong where `X` lies in memory by columns",
        "is wrong where `W` is square",
        "returns a tuple of one",
        "prints instead of returning",
    } <= kinds


def test_what_is_right_for_an_exercise_is_no_wrong_answer():
    """A sigmoid is never above 6; it has no list and no dict to change; 0 is no special input."""
    kinds = kinds_of("sigmoid")
    assert "rounds to 6 decimals" in kinds
    assert not {"caps at 6", "floors at 0", "floors at -6", "changes what is in `z`"} & kinds
    assert "returns 0 where `x` is 0" not in kinds_of("square")


def test_an_object_is_used_more_than_once():
    kinds = kinds_of("ReLU")
    assert {
        "all objects share their state",
        "`output` keeps the first `Z`",
        "`output` keeps its first result",
        "`backprop` returns one array, filled again",
        "`backprop` returns one array, filled again, for all objects",
    } <= kinds


def test_what_is_kept_is_kept_for_one_answer_only():
    """Each is made anew: with a new one the first call is the first again."""
    keeps = next(g for g in checklist(find("square")) if g.kind == "keeps its first result")
    one, other = keeps.make(), keeps.make()
    assert (one(2.0), one(3.0), other(3.0)) == (4.0, 4.0, 9.0)
    exercise = find("square")
    assert judge(exercise, keeps.make()).earned < exercise.points


def test_the_proof_tells_what_is_accepted_and_what_is_switched_off_in_vain():
    square = find("square")
    weak = replace(square, asked=Asked("square", value(1, lambda rng: [(2.0,)] * 2)))
    proof = Proof("square")
    prove_checklist(weak, range(2), proof)
    assert "accepted on every seed: caps at 6" in proof.faults
    off = Off("no matter here", ("caps at 6", "returns a tuple of one", "caps at 7"))
    proof = Proof("square")
    prove_checklist(replace(weak, page=replace(square.page, off=(off,))), range(2), proof)
    assert "accepted on every seed: caps at 6" not in proof.faults
    assert "said not to apply, but refused: returns a tuple of one" in proof.faults
    assert "said not to apply, but it is no kind of this exercise: caps at 7" in proof.faults
    assert ("caps at 6", "no matter here") in proof.off


def test_a_kind_is_switched_off_with_a_reason():
    head = "## Kinds that do not apply\n\n### no path\n\n"
    (off,) = parse_page(head + "The result is\none number.\n\n- caps at 6\n- floors at 0\n", "").off
    assert off == Off("The result is one number.", ("caps at 6", "floors at 0"))
    with pytest.raises(PageError, match="needs a reason"):
        parse_page(head + "- caps at 6\n", "")
    with pytest.raises(PageError, match="needs a reason"):
        parse_page(head + "A reason.\n", "")


def test_no_exercise_has_a_name_that_the_checklist_uses():
    """While an answer is judged, the earlier exercises stand among the names that it sees."""
    assert not (set(vars(listed)) | set(vars(made))) & set(every_name())
