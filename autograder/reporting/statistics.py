"""What numbers say of a class, each with how sure it is. Arrays hold nan where nothing is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RESAMPLED = 1000
"""Classes that are drawn from the one there is, with the same students more or less often."""
SEED = 5
FEWEST = 10
"""Students, below whom nothing is said of how a question separates them."""
FEWEST_APART = 3
"""Students that must differ from the others: else one of them alone makes the correlation."""
SURE = 1.96
"""Standard deviations to each side that hold 95 % of what varies by chance."""
FEWEST_LESSONS = 3
SMALLEST = 0.05
"""The smallest spread that is reckoned with, in units of a class's own."""


@dataclass(frozen=True)
class Interval:
    """An estimate and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


# --- Questions ----------------------------------------------------------------------------------


def discriminations(shares: np.ndarray, of: np.ndarray) -> list[Interval | None]:
    """How each question of a lesson goes with the rest: its corrected item-total correlation.

    shares: students × questions, what each earned of its points. of: the points of each question.
    The rest is what a student earned of the points of all other questions that are graded. The
    interval is the bootstrap's: 2.5 % of resampled classes lie below it and 2.5 % above. None
    where too few students differ.
    """
    known = np.isfinite(shares)
    points = np.where(known, shares, 0.0) * of
    rest_of = (known * of).sum(axis=1, keepdims=True) - known * of
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = (points.sum(axis=1, keepdims=True) - points) / rest_of
    rng = np.random.default_rng(SEED)
    return [_discrimination(shares[:, k], rest[:, k], rng) for k in range(shares.shape[1])]


def _discrimination(
    item: np.ndarray, rest: np.ndarray, rng: np.random.Generator
) -> Interval | None:
    there = np.isfinite(item) & np.isfinite(rest)
    item, rest = item[there], rest[there]
    if len(item) < FEWEST or min(_apart(item), _apart(rest)) < FEWEST_APART:
        return None
    n = len(item)
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLED)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = _correlation(np.vstack([np.ones(n), drawn]), item, rest)
    resampled = found[1:][np.isfinite(found[1:])]
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Interval(float(found[0]), float(low), float(high))


def _apart(values: np.ndarray) -> int:
    """How many differ from the most common value."""
    return len(values) - int(np.unique(values, return_counts=True)[1].max(initial=0))


def _correlation(weights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of x and y, for each row of weights, which sum up to the number of students."""
    weights = weights / weights.sum(axis=1, keepdims=True)
    x, y = x - x.mean(), y - y.mean()
    mean_x, mean_y = weights @ x, weights @ y
    spread = (weights @ x**2 - mean_x**2) * (weights @ y**2 - mean_y**2)
    return (weights @ (x * y) - mean_x * mean_y) / np.sqrt(np.maximum(spread, 1e-12))


# --- Students -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """How each student did beside the others: students × lessons, nan where nothing is known.

    levels: by the lesson's own mean and spread. noise: by how much one student's levels vary from
    lesson to lesson; between: how much students differ. means, spreads: of each lesson, on the
    scale of angles, on which a share near 0 or 1 varies as much as one in the middle.
    """

    levels: np.ndarray
    noise: float
    between: float
    means: np.ndarray
    spreads: np.ndarray


def standing(shares: np.ndarray) -> Course:
    """Each student's level in each lesson. shares: students × lessons, of the points."""
    angles = np.arcsin(np.sqrt(np.clip(shares, 0.0, 1.0)))
    means, spreads = np.zeros(shares.shape[1]), np.ones(shares.shape[1])
    for k, column in enumerate(angles.T):
        there = column[np.isfinite(column)]
        if there.size:
            means[k] = there.mean()
            spreads[k] = max(float(there.std()), SMALLEST)
    levels = (angles - means) / spreads
    count = np.isfinite(levels).sum(axis=1)
    own = levels[count > 1]
    if not own.size:
        return Course(levels, 1.0, 1.0, means, spreads)
    more = count[count > 1]
    within = (own - np.nanmean(own, axis=1, keepdims=True)) * np.sqrt(more / (more - 1))[:, None]
    noise = max(robust(within[np.isfinite(within)]), SMALLEST)
    between = float(np.nanmean(own, axis=1).var()) - noise**2 / float(more.mean())
    return Course(levels, noise, max(between, SMALLEST) ** 0.5, means, spreads)


def robust(values: np.ndarray) -> float:
    """The standard deviation of what is not far out: from the median distance to 0."""
    return 1.4826 * float(np.median(np.abs(values)))


@dataclass(frozen=True)
class Unlike:
    """One result beside what the student's other lessons lead one to expect.

    residual: in standard deviations of what varies by chance. expected: a share of the points.
    """

    residual: float
    expected: Interval


def unlike(course: Course, student: int, lesson: int) -> Unlike | None:
    """None where fewer than two other lessons are known."""
    mine = course.levels[student, lesson]
    others = np.delete(course.levels[student], lesson)
    others = others[np.isfinite(others)]
    if not np.isfinite(mine) or len(others) < FEWEST_LESSONS - 1:
        return None
    level, spread = expected(course, others)
    low, value, high = (share(course, lesson, level + k * spread) for k in (-SURE, 0.0, SURE))
    return Unlike(float((mine - level) / spread), Interval(value, low, high))


def expected(course: Course, others: np.ndarray) -> tuple[float, float]:
    """The level to be expected beside these others, and by how much it varies.

    The mean of few is drawn to the class's, by as much as chance has in it.
    """
    trust = course.between**2 / (course.between**2 + course.noise**2 / len(others))
    spread = (course.noise**2 + course.between**2 * (1 - trust)) ** 0.5
    return float(trust * others.mean()), spread


def share(course: Course, lesson: int, level: float) -> float:
    """The share of the points that stands for a level."""
    angle = course.means[lesson] + level * course.spreads[lesson]
    return float(np.sin(np.clip(angle, 0.0, np.pi / 2)) ** 2)


def trend(course: Course, student: int) -> Interval | None:
    """By how much the level rises from one lesson to the next, beside the class."""
    levels = course.levels[student]
    at = np.flatnonzero(np.isfinite(levels)).astype(float)
    if len(at) < FEWEST_LESSONS:
        return None
    away = at - at.mean()
    slope = float(away @ levels[np.isfinite(levels)] / (away @ away))
    margin = SURE * course.noise / float(away @ away) ** 0.5
    return Interval(slope, slope - margin, slope + margin)


@dataclass(frozen=True)
class Swap:
    """Two students whose results of one lesson would fit each other, and their own do not."""

    lesson: int
    one: int
    other: int
    better: float
    """By how many squared standard deviations they fit better."""


FAR = 2.0
"""Standard deviations from what is expected: a result that lies nearer may be the student's own."""
BY_CHANCE = 0.2
"""How often a whole class without any exchange may show one."""


def swaps(course: Course) -> list[Swap]:
    """Pairs that may have handed in each other's files, the clearest first; each student once."""
    found, tried = [], 0
    for lesson in range(course.levels.shape[1]):
        known = _known(course, lesson)
        tried += len(known) * (len(known) - 1) // 2
        low = [s for s, (mine, level, spread) in known.items() if mine < level - FAR * spread]
        high = [s for s, (mine, level, spread) in known.items() if mine > level + FAR * spread]
        pairs = (_swap(lesson, one, other, known) for one in low for other in high)
        found += [swap for swap in pairs if swap is not None]
    # Two squares of what varies by chance sum up to more than x once in exp(x / 2) pairs.
    enough = 2 * float(np.log(max(tried, 1) / BY_CHANCE))
    chosen: list[Swap] = []
    for swap in sorted(found, key=lambda swap: -swap.better):
        taken = {(s.lesson, who) for s in chosen for who in (s.one, s.other)}
        free = not {(swap.lesson, swap.one), (swap.lesson, swap.other)} & taken
        if free and swap.better > enough:
            chosen.append(swap)
    return chosen


def _known(course: Course, lesson: int) -> dict[int, tuple[float, float, float]]:
    """Of whom enough is known: the level in a lesson, the expected one, and how that varies."""
    found = {}
    for student, levels in enumerate(course.levels):
        others = np.delete(levels, lesson)
        others = others[np.isfinite(others)]
        if np.isfinite(levels[lesson]) and len(others) >= FEWEST_LESSONS - 1:
            found[student] = (float(levels[lesson]), *expected(course, others))
    return found


def _swap(
    lesson: int, one: int, other: int, known: dict[int, tuple[float, float, float]]
) -> Swap | None:
    (mine, level, spread), (theirs, their_level, their_spread) = known[one], known[other]
    now = ((mine - level) / spread) ** 2 + ((theirs - their_level) / their_spread) ** 2
    then = ((theirs - level) / spread) ** 2 + ((mine - their_level) / their_spread) ** 2
    fits = max(abs(theirs - level) / spread, abs(mine - their_level) / their_spread) < FAR
    return Swap(lesson, one, other, now - then) if fits else None
