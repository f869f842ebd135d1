"""Lesson 5, the canyon of it, and its rules."""

from __future__ import annotations

import numpy as np

from autograder.exercises.optimizers.adam import adam
from autograder.exercises.optimizers.descend import descend
from autograder.exercises.optimizers.momentum import momentum
from autograder.exercises.optimizers.rms_prop import rms_prop
from helpers import surfaces
from helpers.explorers.path import all_surfaces
from tests.conftest import ROOT

LESSON = (ROOT / "source" / "05-optimizers" / "05-optimizers.md").read_text(encoding="utf-8")
CANYON = surfaces.canyon
CORNER = np.array(CANYON.start)


def sgd(w, gradient, state, learning_rate=0.01):
    return w - learning_rate * gradient, state


RULES = {"SGD": sgd, "momentum": momentum, "RMS-Prop": rms_prop, "Adam": adam}
SURFACES = {surface.name: surface for surface in all_surfaces()}


def canyon_path(rule, steps, **settings):
    with np.errstate(all="ignore"):
        return descend(rule, CANYON.gradient, CORNER, steps, **settings)


def settled(path, height=1e-6):
    above = np.flatnonzero(~(CANYON(path.T) < height))
    return above[-1] + 1 if above[-1] + 1 < len(path) else None
