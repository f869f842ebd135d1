"""How noisy the gradient of a mini-batch is: the gradients themselves, and their spread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.explorers.asking import StudentError, ask, numbers
from helpers.explorers.controls import Number, slider
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.scene import Mark, Panel, Picture, Says

SIZES = tuple(2**k for k in range(9))
SHOWN = 200
"""Batches that are drawn for a cloud."""
REPEATS = 400
"""Batches from which a spread is measured."""


class MiniBatchExplorer(Explorer):
    """Gradients of mini-batches, and the spread that the student's function measures.

    mini_batches(n, batch_size, rng) returns an epoch's batches, each an array of indices;
    standard_error(gradients, batch_size, repeats, rng) the spread of the batches' means, (2,).
    gradients: (n, 2), the gradient of each example.
    """

    title = "The gradients of mini-batches, and how far they spread"

    def __init__(self, mini_batches: Callable, standard_error: Callable, gradients: np.ndarray):
        self.gradients = np.asarray(gradients, dtype=float)
        if not np.isfinite(self.gradients).all():
            raise ValueError("some of the gradients are not finite: there is nothing to spread")
        self.mean = self.gradients.mean(axis=0)
        self.sigma = self.gradients.std(axis=0)
        low, high = self.mean - 3 * self.sigma, self.mean + 3 * self.sigma
        super().__init__(
            controls=[
                slider("batch_size", "batch size", 1, SIZES),
                Number("seed", "seed", 0, 1),
            ],
            panels=[
                Panel(
                    "cloud",
                    x=(float(low[0]), float(high[0])),
                    y=(float(low[1]), float(high[1])),
                    x_label="first entry of the gradient",
                    y_label="second entry",
                ),
                Panel(
                    "spread",
                    x=(0.8, 320),
                    x_scale="log",
                    y_scale="log",
                    x_label="batch size",
                    title="standard error",
                    column=1,
                ),
            ],
            layers=[
                Layer("spread", self.spread, asks=("seed",)),
                Layer("cloud", self.cloud, asks=("batch_size", "seed"), ahead=(("batch_size",),)),
            ],
            functions={"mini_batches": mini_batches, "standard_error": standard_error},
        )

    def spread(self, seed: float) -> Picture:
        """The spread of both entries over the batch size, as measured and as σ/√n_b."""
        sizes = np.array(SIZES)
        measured = np.array([self.measured(size, seed) for size in SIZES])
        marks, says = [], []
        for j, (name, color) in enumerate((("first", "blue"), ("second", "red"))):
            theory = self.sigma[j] / np.sqrt(sizes)
            look: dict[str, Any] = {"panel": "spread", "color": color}
            marks += [
                Mark(kind="line", x=sizes, y=theory, dash=1 + 2 * j, width=1, **look),
                Mark(kind="points", x=sizes, y=measured[:, j], **look),
                Mark(
                    kind="points",
                    x=sizes,
                    y=measured[:, j],
                    marker="ring",
                    size=8,
                    pick="batch_size",
                    **look,
                ),
            ]
            says.append(
                Says(
                    text=f"{name} entry: it spreads by {{found}}, σ/√n_b is {{theory}}",
                    fields={"found": measured[:, j], "theory": theory},
                    pick="batch_size",
                    color=color,
                    marker="circle",
                )
            )
        return Picture(marks, says)

    def measured(self, size: int, seed: float) -> np.ndarray:
        rng = np.random.default_rng(abs(int(seed)))
        found = ask(self.student("standard_error"), self.gradients, size, REPEATS, rng)
        found = numbers(found, "what standard_error returns")
        if found.shape != (2,):
            raise StudentError(f"standard_error must return the shape (2,), not {found.shape}")
        return found

    def cloud(self, batch_size: float, seed: float) -> Picture:
        """The mean gradient of each batch, over as many epochs as are needed."""
        rng = np.random.default_rng(abs(int(seed)))
        means: list[np.ndarray] = []
        while len(means) < SHOWN:
            epoch = ask(self.student("mini_batches"), len(self.gradients), int(batch_size), rng)
            try:
                if not isinstance(epoch, list | tuple) or not epoch:
                    raise TypeError
                drawn = [self.gradients[np.asarray(batch)] for batch in epoch]
                if not all(batch.ndim == 2 and len(batch) for batch in drawn):
                    raise ValueError
            except (IndexError, TypeError, ValueError):
                text = "mini_batches must return a list of arrays of indices"
                raise StudentError(text) from None
            means += [gradients.mean(axis=0) for gradients in drawn]
        x, y = np.array(means[:SHOWN]).T
        mean_x, mean_y = self.mean
        return Picture(
            [
                Mark(kind="points", panel="cloud", x=x, y=y, color="green", size=2.5),
                Mark(kind="points", panel="cloud", x=[mean_x], y=[mean_y], marker="star", size=9),
            ],
            [
                Says(
                    text="gradients of {many} batches of {size}",
                    fields={"many": SHOWN, "size": batch_size},
                    color="green",
                    marker="circle",
                ),
                Says(text="the gradient over all examples", marker="star"),
            ],
        )
