"""Descent paths of the student's own update rules on surfaces of two variables."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from helpers import surfaces
from helpers.explorers import style
from helpers.explorers.asking import StudentError, ask, latest, number, numbers
from helpers.explorers.contours import contour_lines, way_out
from helpers.explorers.controls import Choice, Control, Number, Player, Slider, powers, slider
from helpers.explorers.explorer import Explorer, Layer
from helpers.explorers.losses import tiny_network, tumours
from helpers.explorers.scene import Mark, Panel, Picture, Says
from helpers.gradients import numerical_gradient

Rule = Callable[..., tuple]
"""`new_w, new_state = rule(w, gradient, state, learning_rate=...)`, the state {} at first."""

RATES = {
    "canyon": 0.02,
    "saddle": 0.05,
    "rosenbrock": 0.001,
    "beale": 0.01,
    "himmelblau": 0.01,
    "tiny network": 0.1,
    "tumours": 1.0,
}
"""A learning rate that plain descent gets along with, by surface."""

ADAPTIVE = 0.1
"""Rules that divide by the size of the gradient take steps of about this length."""

HIGHEST = 1e6
"""Losses are drawn up to here, and up to ten times the first one."""

FAR = 1e8
"""A path ends where it is so many times as far away as it began, or as 1."""

DECAYS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
"""Positions of a setting between 0 and 1, such as momentum's."""


def surface_of(f: Callable, domain: tuple, start: tuple[float, float]) -> surfaces.Surface:
    """A student's function of a point (2,) as a surface, its gradient numerical."""

    name = getattr(f, "__name__", "yours")

    def height(point):
        return number(ask(latest(f), point), f"what {name} returns")

    def each(x, y):
        points = np.stack(np.broadcast_arrays(x, y))
        values = [height(point) for point in points.reshape(2, -1).T]
        return np.array(values).reshape(points.shape[1:])

    def slopes(x, y):
        points = np.stack(np.broadcast_arrays(x, y)).reshape(2, -1).T
        found = np.array([numerical_gradient(height, point) for point in points])
        return tuple(found.T.reshape(2, *np.shape(x)))

    return surfaces.Surface(
        name="yours" if name == "<lambda>" else name,
        formula="",
        domain=domain,
        minima=(),
        lowest=-np.inf,
        start=start,
        source="Your own.",
        value=each,
        slopes=slopes,
    )


def all_surfaces() -> tuple[surfaces.Surface, ...]:
    return (*surfaces.SURFACES, tiny_network(), tumours())


def path_of(
    descend: Callable,
    rule: Rule,
    surface: surfaces.Surface,
    start: np.ndarray,
    steps: int,
    **settings: float,
) -> np.ndarray:
    """The student's path by one rule: (steps + 1, 2), fewer points where it runs away."""

    def run(rule: Rule, start: np.ndarray) -> np.ndarray:
        return descend(rule, surface.gradient, start, steps, **settings)

    run.__name__ = "descend"
    left_alone(rule, settings)
    path = numbers(ask(run, rule, start.copy()), "the path that descend returns")
    if path.shape != (steps + 1, 2):
        raise StudentError(f"descend must return {steps + 1} points, not the shape {path.shape}")
    away = np.nan_to_num(np.abs(path)).max(axis=1)
    far = ~np.isfinite(path).all(axis=1) | (away > FAR * max(1.0, *np.abs(start)))
    return path[: max(int(np.argmax(far)), 1)] if far.any() else path


def left_alone(rule: Rule, settings: Mapping[str, float]) -> None:
    """`StudentError` where a rule works in place: every point of a path would be the last."""

    def step(w: np.ndarray, gradient: np.ndarray) -> tuple:
        return rule(w, gradient, {}, **settings)

    step.__name__ = getattr(rule, "__name__", "the rule")
    ask(step, np.ones(2), np.array([0.5, -0.25]))


def is_adaptive(rule: Rule) -> bool:
    """Does the length of the first step not depend on the gradient's? Then 10 times the gradient
    changes it little."""
    try:
        one, ten = (
            np.linalg.norm(np.asarray(rule(np.zeros(2), g * np.ones(2), {}, learning_rate=1.0)[0]))
            for g in (1.0, 10.0)
        )
    except (Exception, SystemExit):  # a rule that fails is shown as such where it is drawn
        return False
    return bool(ten < 2 * one)


def rate_of(rule: Rule, surface: surfaces.Surface, times: float) -> float:
    """The learning rate of a rule on a surface: its usual one, so many times."""
    return times * (ADAPTIVE if is_adaptive(rule) else RATES.get(surface.name, 0.1))


def rule_key(name: str) -> str:
    """Under which a rule is known, so that it may have any name."""
    return f"rule {name}"


def settings_of(name: str, rule: Rule) -> Iterator[Slider]:
    """A slider for each setting that the rule's signature has, beside the learning rate."""
    try:
        parameters = inspect.signature(rule).parameters.values()
    except (TypeError, ValueError):
        return
    for parameter in parameters:
        default = parameter.default
        if parameter.name == "learning_rate" or not isinstance(default, int | float):
            continue
        label, key = f"{name}: {parameter.name}", f"{rule_key(name)}.{parameter.name}"
        if 0.01 <= default < 1:
            yield slider(key, label, default, DECAYS)
        else:
            size = abs(default) or 1.0
            yield slider(key, label, default, (size * 10.0**k for k in range(-2, 9, 2)))


def diverged(path: np.ndarray, losses: np.ndarray, steps: int) -> bool:
    """Did it run away, or climb by 1 and to ten times the loss that it began with?"""
    far = 1e4 * max(1.0, *np.abs(path[0]))
    first = abs(losses[0])
    higher = not losses[-1] <= max(10 * first, first + 1)  # so is nan
    return bool(len(path) <= steps or np.abs(path).max() > far or higher)


def losses_along(surface: surfaces.Surface, path: np.ndarray) -> np.ndarray:
    return np.asarray(surface(path.T), dtype=float)


def drawable(losses: np.ndarray) -> np.ndarray:
    """So that one that runs away does not press all others flat."""
    highest = max(HIGHEST, 10 * abs(np.nan_to_num(losses[0])))
    return np.clip(np.nan_to_num(losses, nan=highest), -highest, highest)


class PathExplorer(Explorer):
    """Paths of several rules from one start: `PathExplorer({"SGD": sgd, "Adam": adam}, descend)`.

    descend(rule, gradient, start, steps, learning_rate=...) is the student's as well. A surface
    of one's own comes first: a `Surface`, or `surface_of(f, domain, start)`.
    """

    title = "Descent paths on a surface, and the loss after each step"
    height = 360
    handle: ClassVar = {"panel": "plane", "x": "x", "y": "y", "label": "Start"}

    def __init__(
        self,
        rules: Mapping[str, Rule],
        descend: Callable,
        surface: surfaces.Surface | None = None,
        *,
        steps: int = 60,
    ):
        every = [surface] if surface else []
        self.surfaces = {s.name: s for s in (*every, *all_surfaces())}
        self.steps = steps
        starts = {name: {"x": s.start[0], "y": s.start[1]} for name, s in self.surfaces.items()}
        self.brings = {"surface": starts}
        first = surface or surfaces.canyon
        low, high = np.array(first.domain).T
        settings = {name: list(settings_of(name, rule)) for name, rule in rules.items()}
        controls: list[Control] = [
            Choice("surface", "surface", tuple(self.surfaces), first.name),
            powers("rate", "learning rate ×", 1.0, -2, 2, 3),
            Number("x", "start x", float(first.start[0]), float(high[0] - low[0]) / 50),
            Number("y", "start y", float(first.start[1]), float(high[1] - low[1]) / 50),
            Player("step", "step", steps, steps),
            *(control for several in settings.values() for control in several),
        ]
        super().__init__(
            controls=controls,
            panels=[
                Panel("plane", x=first.domain[0], y=first.domain[1], weight=3),
                Panel(
                    "loss",
                    x=(0, steps),
                    x_label="step",
                    title="loss",
                    y_scale="symlog",
                    column=1,
                    weight=2,
                ),
            ],
            layers=[
                Layer("surface", self.surface, asks=("surface",)),
                *(
                    self.layer(k, name, [control.name for control in settings[name]])
                    for k, name in enumerate(rules)
                ),
                Layer("gradient", self.gradient, asks=("surface", "x", "y")),
            ],
            functions={
                **{rule_key(name): rule for name, rule in rules.items()},
                "descend": descend,
                **({"surface": surface.value} if surface else {}),
            },
        )

    def surface(self, surface: str) -> Picture:
        """Lines of equal height, closer together near the lowest value."""
        chosen = self.surfaces[surface]
        (low_x, high_x), (low_y, high_y) = chosen.domain
        count = 80 if chosen in surfaces.SURFACES else 40
        x, y = np.linspace(low_x, high_x, count), np.linspace(low_y, high_y, count)
        heights = chosen(np.stack(np.meshgrid(x, y)))
        points = contour_lines(x, y, heights, style.levels(heights))
        marks = [
            Mark(kind="line", panel="plane", x=points[:, 0], y=points[:, 1], width=0.8, faint=True)
        ]
        if chosen.minima:
            at = np.array(chosen.minima).T
            marks.append(
                Mark(
                    kind="points",
                    panel="plane",
                    x=at[0],
                    y=at[1],
                    marker="star",
                    size=7,
                    color="grey",
                )
            )
        panel = Panel("plane", *chosen.domain, title=chosen.formula, weight=3)
        return Picture(marks, (), [panel])

    def layer(self, k: int, name: str, settings: list[str]) -> Layer:
        """One rule's path."""
        color, dash = style.ORDER[k % len(style.ORDER)], k

        def compute(surface: str, x: float, y: float, rate: float, **given: float) -> Picture:
            chosen, rule = self.surfaces[surface], self.student(rule_key(name))
            own = {key.rpartition(".")[2]: value for key, value in given.items()}
            step = rate_of(rule, chosen, rate)
            path = path_of(
                self.student("descend"),
                rule,
                chosen,
                np.array([x, y]),
                self.steps,
                learning_rate=step,
                **own,
            )
            losses = losses_along(chosen, path)
            return drawn(name, path, losses, chosen, self.steps, step, color, dash)

        asks = ("surface", "x", "y", "rate", *settings)
        ahead = (("rate",), *((name,) for name in settings))
        return Layer(rule_key(name), compute, asks=asks, ahead=ahead)

    def gradient(self, surface: str, x: float, y: float) -> Picture:
        """The gradient at the start, as an arrow a tenth of the panel long, and its length."""
        chosen = self.surfaces[surface]
        gradient = np.asarray(chosen.gradient(np.array([x, y])), dtype=float)
        length = float(np.linalg.norm(gradient))
        wide = min(high - low for low, high in chosen.domain)
        dx, dy = 0.15 * wide * gradient / (length or 1.0)
        arrow = Mark(kind="arrows", panel="plane", x=[x], y=[y], dx=[dx], dy=[dy], width=2)
        text = "→ the gradient at the start points uphill; its length is {length}"
        return Picture([arrow], [Says(text=text, fields={"length": length})])


def drawn(
    name: str,
    path: np.ndarray,
    losses: np.ndarray,
    surface: surfaces.Surface,
    steps: int,
    rate: float,
    color: str,
    dash: int,
) -> Picture:
    """A path in the plane, its losses beside it, and what became of it at which learning rate."""
    x, y = path.T
    look: dict[str, Any] = {"color": color, "dash": dash, "reveal": "step"}
    last: dict[str, Any] = {"kind": "points", "color": color, "pick": "step"}
    lost = diverged(path, losses, steps)
    count, heights = np.arange(len(losses)), drawable(losses)
    marks = [
        Mark(kind="line", panel="plane", x=x, y=y, width=2, **look),
        Mark(panel="plane", x=x, y=y, marker="circle", **last),
        Mark(kind="line", panel="loss", x=count, y=heights, **look),
        Mark(panel="loss", x=count, y=heights, size=3, **last),
    ]
    if lost:
        marks += way_out(path, surface.domain, color)
    fate = ", diverged ✕" if lost else ""
    says = Says(
        text=f"{name}: loss {{loss}} at step {{step}}, rate {{rate}}{fate}",
        fields={"loss": losses, "step": count, "rate": rate},
        pick="step",
        color=color,
        dash=dash,
    )
    return Picture(marks, [says])
