"""Where a class's time went: by lesson, and the slowest submissions. Read from its records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from autograder.classroom import Classroom, Place, Result, kept
from autograder.grading.longest import longest, on_the_clock
from autograder.playing.player import Limits, Use
from autograder.tables import plain

MOST_SLOW = 10
COLUMNS = ("sandbox", "judge", "page", "waited", "idle", "again", "held")
MEANS = """Seconds. sandbox, judge, page: of a processor. waited: for a processor that others had.
idle: neither, as in a cell that sleeps. again: processes that were started anew.
held: what it kept a worker, less what it waited."""


@dataclass(frozen=True)
class Spent:
    """What one notebook's grading took."""

    place: Place
    use: Use

    @property
    def idle(self) -> float:
        """Seconds in which it used no processor and waited for none."""
        # What the judge computes before the first cell and after the last is not in `wall`.
        return max(0.0, self.use.wall - self.use.waited - self.use.cpu - self.use.judge)

    @property
    def held(self) -> float:
        """Seconds that it would keep a worker with a processor of its own."""
        return self.use.cpu + self.use.judge + self.use.page + self.idle

    @property
    def again(self) -> int:
        return max(0, self.use.processes - 1)

    @property
    def numbers(self) -> list[float]:
        """As in `COLUMNS`."""
        use = self.use
        return [use.cpu, use.judge, use.page, use.waited, self.idle, self.again, self.held]


def spent(classroom: Classroom, results: Iterable[Result]) -> Iterator[Spent]:
    """Of each of these results that has a record. One of an older grader has less in it."""
    for result in results:
        place = Place(result.student, result.lesson, result.notebook)
        record = kept(classroom.record(*place))
        if record is not None and not result.failed:
            yield Spent(place, Use(**record["used"]))


def profile(classroom: Classroom, results: Iterable[Result]) -> Group:
    """The tables, for a console."""
    every = list(spent(classroom, results))
    parts: list[Text | Table] = [Text("Where the time went", style="bold"), Text(MEANS)]
    parts.append(by_lesson(every))
    parts += [Text("The slowest", style="bold"), slowest(every)]
    limits = Limits(question=float(classroom.timeout))
    most = f"{sum(longest(limits).values()):,.0f}", f"{on_the_clock(limits):,.0f}"
    parts.append(
        Text(
            f"With --timeout {classroom.timeout} none may keep a worker beyond {most[0]} s, "
            f"or {most[1]} s where it keeps the processors busy itself: docs/scale.md"
        )
    )
    return Group(*parts)


def by_lesson(every: list[Spent]) -> Table:
    """Sums, a row for each lesson and one for all."""
    made = _table("lesson", "notebooks", *COLUMNS)
    for lesson in sorted({each.place.assignment for each in every}):
        _sum(made, lesson, [each for each in every if each.place.assignment == lesson])
    made.add_section()
    _sum(made, "together", every)
    return made


def slowest(every: list[Spent]) -> Table:
    """Those that held a worker longest."""
    made = _table("submission", *COLUMNS)
    for each in sorted(every, key=lambda one: -one.held)[:MOST_SLOW]:
        made.add_row(plain(f"{each.place.student}, {each.place.notebook}"), *_row(each.numbers))
    return made


def _table(first: str, *headings: str) -> Table:
    made = Table(box=SIMPLE_HEAD)
    made.add_column(first, overflow="ellipsis", no_wrap=True)
    for heading in headings:
        made.add_column(heading, justify="right", no_wrap=True)
    return made


def _sum(table: Table, name: str, some: list[Spent]) -> None:
    sums = [sum(column) for column in zip(*(each.numbers for each in some), strict=True)]
    table.add_row(plain(name), f"{len(some)}", *_row(sums or [0.0] * len(COLUMNS)))


def _row(numbers: list[float]) -> Iterator[str]:
    for heading, number in zip(COLUMNS, numbers, strict=True):
        yield f"{number:.0f}" if heading == "again" else f"{number:.2f}"
