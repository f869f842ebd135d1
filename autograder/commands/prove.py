"""`autograder prove`: prove the tests: what is wrong is refused and named."""

from __future__ import annotations

import argparse
import difflib

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from autograder import tables
from autograder.authoring.bank import owns_bank
from autograder.authoring.checking import Scope, require
from autograder.course import Course, CourseError
from autograder.proving.prove import RIGHT_SEEDS, SEEDS, prove_all
from autograder.terminal import console, number, positive, wide
from helpers.questions import every_name, lesson_of, names_in


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names",
        nargs="*",
        metavar="LESSON|EXERCISE",
        help="a lesson's name or number, or an exercise (default: all)",
    )
    parser.add_argument(
        "--seeds", type=positive, default=SEEDS, help=f"inputs for each wrong answer ({SEEDS})"
    )
    parser.add_argument(
        "--right-seeds",
        type=positive,
        default=RIGHT_SEEDS,
        help=f"inputs for each right answer ({RIGHT_SEEDS})",
    )
    parser.add_argument("--jobs", type=positive, help="exercises at a time (default: one a core)")
    parser.add_argument(
        "--kinds",
        action="store_true",
        help="also the checklist of kinds of mistakes, and edits of the other right forms",
    )


def run(course: Course, options: argparse.Namespace) -> int:
    names = chosen_exercises(course, options.names)
    lessons = tuple(dict.fromkeys(map(lesson_of, names)))
    if owns_bank(course):  # what is proved is the bank's own, wherever one stands
        require(course, Scope(lessons, tuple(names), released=False, pages=False, late=False))
    proofs = []
    with Progress(TextColumn("Proving"), BarColumn(), MofNCompleteColumn(), console=console) as bar:
        task = bar.add_task("", total=len(names))
        chosen = options.seeds, options.right_seeds, options.jobs, options.kinds
        for proof in prove_all(names, *chosen):
            proofs.append(proof)
            bar.advance(task)
    wide().print(tables.proof_table(proofs))
    for proof in proofs:
        for line, why in proof.same:
            print(f"{proof.exercise}: the same, because {why}: {line}")
    faults = [f"{proof.exercise}: {fault}" for proof in proofs for fault in proof.faults]
    for fault in faults:
        print(f"FAULT  {fault}")
    if faults:
        print(f"{number(len(faults), 'fault')}: see the lines above.")
    return 1 if faults else 0


def chosen_exercises(course: Course, names: list[str]) -> list[str]:
    """The exercises of these lessons, and those that are named themselves; by default all."""
    chosen: dict[str, None] = {}
    for name in names or [lesson.name for lesson in course.lessons()]:
        try:
            found = (name,) if name in every_name() else names_in(course.lesson(name).name)
        except CourseError as error:
            near = difflib.get_close_matches(name, every_name(), 1)
            meant = f"; is the exercise {near[0]} meant?" if near else ""
            raise CourseError(f"there is no exercise {name!r}, and {error}{meant}") from None
        chosen |= dict.fromkeys(found)
    return list(chosen)
