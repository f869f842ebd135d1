"""The race: the student's own optimizers on several surfaces at once, loss against steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.explorers import style
from helpers.explorers.asking import StudentError
from helpers.explorers.controls import Player, powers
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.path import (
    Rule,
    all_surfaces,
    diverged,
    drawable,
    losses_along,
    path_of,
    rate_of,
    rule_key,
)
from helpers.explorers.scene import Mark, Panel, Picture, Says


class Race(Explorer):
    """Every rule on every surface that has a lowest place: `Race({"SGD": sgd, ...}, descend)`.

    Where the loss falls for ever, as on the saddle, whoever runs away fastest would win.
    """

    title = "Loss against steps, on several surfaces"
    height = 420

    def __init__(self, rules: Mapping[str, Rule], descend: Callable, *, steps: int = 100):
        self.fields = [s for s in all_surfaces() if np.isfinite(s.lowest) and s.name != "bowl"]
        self.rules, self.steps = tuple(rules), steps
        super().__init__(
            controls=[
                powers("rate", "learning rate ×", 1.0, -1, 1, 3),
                Player("step", "step", steps, steps),
            ],
            panels=[
                Panel(
                    surface.name,
                    x=(0, steps),
                    y_scale="symlog",
                    title=surface.name,
                    row=k // 3,
                    column=k % 3,
                )
                for k, surface in enumerate(self.fields)
            ],
            layers=[Layer("race", self.race, asks=("rate",), ahead=(("rate",),))],
            functions={**{rule_key(n): rule for n, rule in rules.items()}, "descend": descend},
        )

    def race(self, rate: float) -> Picture:
        marks, failed = [], {}
        wins, lost = dict.fromkeys(self.rules, 0), dict.fromkeys(self.rules, 0)
        for surface in self.fields:
            ends = {}
            for k, name in enumerate(self.rules):
                try:
                    path = self.path(name, surface, rate)
                except StudentError as error:
                    failed[name] = f"{name}: {error}"
                    continue
                losses = losses_along(surface, path)
                look: dict[str, Any] = {
                    "panel": surface.name,
                    "color": style.ORDER[k % len(style.ORDER)],
                }
                x, y = np.arange(len(losses)), drawable(losses)
                marks.append(Mark(kind="line", x=x, y=y, dash=k, reveal="step", **look))
                if diverged(path, losses, self.steps):
                    lost[name] += 1
                    cross: dict[str, Any] = {"marker": "cross", "size": 6}
                    marks.append(Mark(kind="points", x=x[-1:], y=y[-1:], **cross, **look))
                else:
                    ends[name] = losses[-1]
            if ends:
                wins[min(ends, key=lambda name: ends[name])] += 1
        says = [
            Says(
                text=f"{name}: lowest at the end on {{wins}} of {{all}} surfaces"
                + (", diverged ✕ on {lost}" if lost[name] else ""),
                fields={"wins": wins[name], "all": len(self.fields), "lost": lost[name]},
                color=style.ORDER[k % len(style.ORDER)],
                dash=k,
            )
            for k, name in enumerate(self.rules)
            if name not in failed
        ]
        return Picture(marks, says, error="\n".join(failed.values()) or None)

    def path(self, name: str, surface, rate: float) -> np.ndarray:
        rule = self.student(rule_key(name))
        return path_of(
            self.student("descend"),
            rule,
            surface,
            np.array(surface.start),
            self.steps,
            learning_rate=rate_of(rule, surface, rate),
        )
