"""The race: the student's own optimizers on every surface at once, loss against steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.figure import Figure

from helpers.explorers import style
from helpers.explorers.base import Explorer, StudentError, int_slider, log_slider
from helpers.explorers.path import (
    ADAPTIVE,
    RATES,
    Rule,
    all_surfaces,
    diverged,
    is_adaptive,
    losses_along,
    path_of,
)


class Race(Explorer):
    """Every rule on every surface: `Race({"SGD": sgd, "Adam": adam}, descend)`."""

    title = "Loss against steps, on every surface"

    def __init__(self, rules: Mapping[str, Rule], descend: Callable, *, steps: int = 100):
        self.rules, self.descend = dict(rules), descend
        super().__init__(
            {
                "rate": log_slider("rate ×", 1.0, -2, 2),
                "steps": int_slider("steps", steps, 10, 300),
            }
        )

    def draw(self, figure: Figure) -> str:
        fields = [surface for surface in all_surfaces() if surface.name != "bowl"]
        figure.set_size_inches(8.4, 4.6)
        axes = figure.subplots(2, 3).ravel()
        adaptive = {name: is_adaptive(rule) for name, rule in self.rules.items()}
        lines, winners, failed = {}, [], {}
        steps = self.value("steps")
        for axis, surface in zip(axes, fields, strict=True):
            style.dress(axis, title=surface.name)
            ends = {}
            for k, (name, rule) in enumerate(self.rules.items()):
                rate = ADAPTIVE if adaptive[name] else RATES.get(surface.name, 0.1)
                rate *= self.value("rate")
                try:
                    start = np.array(surface.start)
                    path = path_of(self.descend, rule, surface, start, rate, steps)
                except StudentError as error:
                    failed[name] = str(error)
                    continue
                losses = losses_along(surface, path)
                look = {"color": style.CYCLE[k % 6], "linestyle": style.DASHES[k % 6]}
                (lines[name],) = axis.plot(losses, **look)
                if diverged(path, steps) and np.isfinite(surface.lowest):
                    axis.plot(len(losses) - 1, losses[-1], "x", color=look["color"])
                    continue
                ends[name] = losses[-1]
            axis.set_yscale("symlog", linthresh=1e-4)
            axis.tick_params(labelsize=7)
            if ends:
                best = min(ends, key=lambda name: ends[name])
                winners.append(f"{surface.name}: {best} ({ends[best]:.2g})")
        figure.legend(lines.values(), lines.keys(), loc="outside lower center", ncols=6, fontsize=8)
        said = "Lowest at the end, " + "; ".join(winners) + "." if winners else ""
        return " ".join([said, *(f"{name}: {why}." for name, why in failed.items())])
