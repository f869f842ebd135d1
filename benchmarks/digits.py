"""Handwritten digits: the network of lesson 5, trained by each of its update rules.

`python -m benchmarks.digits` trains the lesson's worked solutions on 5 seeds, at the rates that its
sweep finds best, and prints for each rule the share of the test set that is right and the seconds
of one training.
"""

from __future__ import annotations

import ast
import time
from pathlib import Path

import numpy as np

from autograder.course import Course, is_solution
from helpers import datasets

SEEDS = range(5)
RULES = {"sgd": 3.0, "momentum": 0.3, "rms_prop": 0.1, "adam": 0.03}
"""The learning rates that are best in the lesson's sweep."""

GIVEN = ("mini_batches", "sgd", "network_gradient", "trained")
"""Functions that the lesson gives; what else their cells define is needed, too."""


def solved(course: Course) -> dict:
    """The names that the worked solutions of lesson 5 define, and its network."""
    names: dict = {"np": np, "datasets": datasets}
    for cell in course.lesson("05").notebook().cells:
        if cell.cell_type != "code":
            continue
        found = ast.parse(cell.source).body
        defined = {node.name for node in found if isinstance(node, ast.FunctionDef)}
        if is_solution(cell) or defined & set(GIVEN):
            kept = [n for n in found if isinstance(n, ast.FunctionDef | ast.Assign)]
            exec(compile(ast.Module(kept, []), "lesson 5", "exec"), names)
    return names


def main() -> None:
    names = solved(Course(Path(__file__).parent.parent))
    test = names["test"]
    most_frequent = np.bincount(names["train"].y).argmax()
    print(f"baseline  {np.mean(test.y == most_frequent):.1%}")
    for rule, rate in RULES.items():
        start = time.perf_counter()
        trained = [names["trained"](names[rule], rate, seed) for seed in SEEDS]
        seconds = (time.perf_counter() - start) / len(trained)
        right = [names["share_right"](parameters, test) for parameters in trained]
        shares = ", ".join(f"{share:.1%}" for share in right)
        print(f"{rule:9} {shares}; lowest {min(right):.1%}; {seconds:.2f} s each")


if __name__ == "__main__":
    main()
