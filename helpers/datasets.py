"""Small real data sets, offline, with their licences beside them in `helpers/data/`."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Dataset:
    """Labelled examples.

    X: features, floats of shape (n, m), a row for each example.
    y: labels, integers of shape (n,), the index of the class in `classes`.
    features: the m names of the columns. about: where it comes from, and its licence.
    """

    X: np.ndarray
    y: np.ndarray
    features: tuple[str, ...]
    classes: tuple[str, ...]
    about: str

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: np.ndarray) -> Dataset:
        """The same data set with these examples only."""
        return replace(self, X=self.X[rows], y=self.y[rows])

    def columns(self, *names: str) -> np.ndarray:
        """Some features by name: an array of shape (n, number of names)."""
        unknown = [name for name in names if name not in self.features]
        if unknown:
            raise ValueError(f"no feature {unknown[0]!r}; there are {', '.join(self.features)}")
        return self.X[:, [self.features.index(name) for name in names]]


def tumours() -> Dataset:
    """569 tissue samples, 30 features, malignant (0) or benign (1)."""
    with open(DATA / "tumours.csv", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    values = np.array(rows, dtype=float)
    return Dataset(
        X=values[:, 1:],
        y=values[:, 0].astype(int),
        features=tuple(name.replace("_", " ") for name in header[1:]),
        classes=("malignant", "benign"),
        about=(DATA / "tumours.txt").read_text(encoding="utf-8"),
    )


def digits() -> Dataset:
    """1,797 handwritten digits, 8 × 8 pixels each, as 64 features between 0 (white) and 1 (black).

    A part of the UCI data set "Optical Recognition of Handwritten Digits".
    """
    with gzip.open(DATA / "digits.csv.gz", "rt", encoding="ascii") as file:
        header = file.readline().strip().split(",")
        values = np.loadtxt(file, delimiter=",", dtype=int)
    return Dataset(
        X=values[:, :-1] / 16.0,
        y=values[:, -1].copy(),
        features=tuple(header[:-1]),
        classes=tuple("0123456789"),
        about=(DATA / "digits.txt").read_text(encoding="utf-8"),
    )


def split(data: Dataset, test: float = 0.25, seed: int = 0) -> tuple[Dataset, Dataset]:
    """A training set and a test set, drawn at random; the same seed gives the same split.

    test: the share of the examples that go to the test set, above 0 and below 1.
    """
    if not 0 < test < 1:
        raise ValueError(f"the share for testing must be above 0 and below 1, not {test}")
    order = np.random.default_rng(seed).permutation(len(data))
    count = round(test * len(data))
    return data.take(order[count:]), data.take(order[:count])
