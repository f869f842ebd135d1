"""What the tests of lesson 7's claims share: its network, and how it is trained."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from autograder.exercises.backprop.Dense import Dense
from autograder.exercises.backprop.ReLU import ReLU
from autograder.exercises.optimizers.adam import adam
from helpers import datasets
from tests.conftest import ROOT

LESSON = (ROOT / "source/07-loss-landscapes/07-loss-landscapes.md").read_text(encoding="utf-8")

CELLS = re.findall(r"```\{code-cell\}\n(?::tags:[^\n]*\n+)?(.*?)```", LESSON, re.S)


@cache
def lesson():
    """What the lesson defines: the network, its loss, its gradient, and how it is trained."""
    names = {"np": np, "datasets": datasets, "Dense": Dense, "ReLU": ReLU}
    network = next(cell for cell in CELLS if cell.startswith("train, test ="))
    exec(network.split("sample = ")[0], names)
    trained = next(cell for cell in CELLS if cell.startswith("def trained("))
    names["adam"] = adam
    exec(trained.split("minima = ")[0], names)
    return names


@cache
def network(seed):
    """The weights of one of the lesson's eight networks."""
    return lesson()["trained"](seed)


def sgd(w, gradient, state, learning_rate=0.01):
    return w - learning_rate * gradient, state
