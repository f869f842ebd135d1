"""Handwritten digits: the network of lesson 4, trained by each update rule of lesson 5.

`python -m benchmarks.digits` trains the lessons' worked solutions on 5 seeds and prints, for each
rule, the share of the test set that is right and the seconds of one training.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from autograder.course import Course, grade_id, is_solution
from helpers import datasets

SEEDS = range(5)
RULES = {"sgd": 0.1, "momentum": 0.02, "rms_prop": 0.003, "adam": 0.003}
"""The learning rates of the lesson."""


def solved(course: Course) -> dict:
    """The names that the worked solutions of lessons 4 and 5 define, and the training loop."""
    names: dict = {"np": np, "time": time, "datasets": datasets}
    for number in ("04", "05"):
        for cell in course.lesson(number).notebook().cells:
            wanted = is_solution(cell) and grade_id(cell) != "Tensor"
            wanted = wanted or cell.source.startswith(("def sgd", "def train_digits"))
            if cell.cell_type == "code" and wanted:
                exec(cell.source.split("\nif modules is None")[0], names)
    names["modules"] = names
    names["train"], names["test"] = datasets.split(datasets.digits())
    return names


def main() -> None:
    names = solved(Course(Path(__file__).parent.parent))
    most_frequent = np.bincount(names["train"].y).argmax()
    print(f"baseline  {np.mean(names['test'].y == most_frequent):.1%}")
    for rule, rate in RULES.items():
        start = time.perf_counter()
        right = [names["train_digits"](names[rule], rate, seed=seed)[-1] for seed in SEEDS]
        seconds = (time.perf_counter() - start) / len(right)
        shares = ", ".join(f"{share:.1%}" for share in right)
        print(f"{rule:9} {shares}; lowest {min(right):.1%}; {seconds:.2f} s each")


if __name__ == "__main__":
    main()
