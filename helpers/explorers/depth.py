"""How large values and errors are, layer by layer, in a deep network of the student's modules."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.explorers.asking import StudentError, ask, numbers
from helpers.explorers.controls import Number, slider
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.scene import Mark, Panel, Picture, Says

GAINS = (0.5, 0.7, 0.85, 1.0, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2.0, 2.5, 3.0)
"""Standard deviations of the weights, in units of 1/√n_in."""
LAYERS = 20
WIDTH = 50
EXAMPLES = 60
KINDS = ("ReLU", "none")
LOWEST, HIGHEST = 1e-12, 1e12
"""Sizes are drawn from here to there."""
STEADY = 3.0
"""A size that changes by less than this factor, from the first layer to the last, is steady."""


class DepthExplorer(Explorer):
    """The spread of a deep network's values and errors: `DepthExplorer(Dense, ReLU)`.

    Dense(n_in, n_out, rng) and ReLU() are modules with `output` and `backprop`; the weights that
    Dense draws are multiplied by the gain. The inputs are random numbers of size 1, and so are the
    errors that the last layer is handed.
    """

    title = "Values and errors through 20 layers"
    height = 300

    def __init__(self, Dense: Callable, ReLU: Callable):
        panels = [
            Panel(
                name,
                x=(0, LAYERS),
                y=(LOWEST, HIGHEST),
                y_scale="log",
                x_label="layer",
                title=title,
                column=column,
            )
            for column, (name, title) in enumerate(
                (("forward", "size of the values"), ("backward", "size of the errors"))
            )
        ]
        super().__init__(
            controls=[
                slider("gain", "deviation × √n_in", 1.0, GAINS),
                Number("seed", "seed", 0, 1),
            ],
            panels=panels,
            layers=[Layer("sizes", self.sizes, asks=("gain", "seed"), ahead=(("gain",),))],
            functions={"Dense": Dense, "ReLU": ReLU},
        )

    def through(self, gain: float, seed: float, bends: bool) -> tuple[np.ndarray, np.ndarray]:
        """The root mean square after each layer, the input first: of values, and of errors."""
        Dense, ReLU = self.student("Dense"), self.student("ReLU")

        def network(gain: float) -> list:
            rng = np.random.default_rng(abs(int(seed)))
            values = rng.normal(size=(EXAMPLES, WIDTH))
            error = rng.normal(size=(EXAMPLES, WIDTH))
            modules, sizes = [], [values]
            for _ in range(LAYERS):
                layer = Dense(WIDTH, WIDTH, rng)
                layer.weights = gain * layer.weights
                stack = [layer, ReLU()] if bends else [layer]
                for module in stack:
                    values = module.output(values)
                modules.append(stack)
                sizes.append(values)
            errors = [error]
            for stack in reversed(modules):
                for module in reversed(stack):
                    error = module.backprop(error)
                errors.append(error)
            return [sizes, errors[::-1]]

        network.__name__ = "your network"
        forward, backward = (
            [numbers(each, f"the {what} of a layer") for each in found]
            for what, found in zip(("values", "errors"), ask(network, gain), strict=True)
        )
        for each in (*forward, *backward):
            if each.shape != (EXAMPLES, WIDTH):
                text = f"a layer returned the shape {each.shape}, not {(EXAMPLES, WIDTH)}"
                raise StudentError(text)
        return root_mean_squares(forward), root_mean_squares(backward)

    def sizes(self, gain: float, seed: float) -> Picture:
        marks, says = [], []
        layers = np.arange(LAYERS + 1)
        for dash, (bends, color, what) in enumerate(
            ((True, "blue", "with ReLU"), (False, "red", "without"))
        ):
            forward, backward = self.through(gain, seed, bends)
            for panel, size in (("forward", forward), ("backward", backward)):
                shown = np.clip(size, LOWEST, HIGHEST)
                marks.append(
                    Mark(kind="line", panel=panel, x=layers, y=shown, color=color, dash=dash)
                )
            says.append(
                Says(
                    text=f"{what}: values of size {{last}} after {LAYERS} layers, errors of size "
                    f"{{first}} at the input; {verdict(forward, backward)}",
                    fields={"last": forward[-1], "first": backward[0]},
                    color=color,
                    dash=dash,
                )
            )
        return Picture(marks, says)


def root_mean_squares(arrays: list[np.ndarray]) -> np.ndarray:
    """The size of each array; of huge numbers as well."""
    found = []
    for array in arrays:
        largest = float(np.max(np.abs(array)))
        scaled = array / largest if 0 < largest < np.inf else array
        found.append(
            largest * float(np.sqrt(np.mean(scaled**2))) if 0 < largest < np.inf else largest
        )
    return np.array(found)


def verdict(forward: np.ndarray, backward: np.ndarray) -> str:
    """What has become of both, in words."""
    names = []
    for start, end in ((forward[0], forward[-1]), (backward[-1], backward[0])):
        if not np.isfinite(end) or end > STEADY * start:
            names.append("grow")
        else:
            names.append("shrink" if end < start / STEADY else "stay")
    if names[0] == names[1]:
        return f"both {names[0]}"
    return f"the values {names[0]}, the errors {names[1]}"
