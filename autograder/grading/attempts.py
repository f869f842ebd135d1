"""Attempts: what a student has handed in for a notebook, one after the other, each as graded.

Where there is one alone, it stands in the class's folders and nowhere else. From the second on each
is kept in `attempts/STUDENT/LESSON/TIME.graded/`, TIME being when it was handed in: its executed
copy, its page, and its record, which is written last.
`attempts/STUDENT/LESSON/TIME/` holds the files as they were handed in, from which it is graded
again: of a student's making, and never read as ours. (Where the first one was replaced by hand and
not by `autograder collect`, they are gone, and its copy is read, in which long answers are cut.)
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from autograder.classroom import Classroom, Place
from autograder.course import NOTES, OWN, PART, RUBRIC, write
from autograder.grading.archives import STAMP
from autograder.grading.envelope import Envelope
from autograder.grading.files import no_folder
from autograder.grading.gradebook import Book
from autograder.grading.inbox import Submission
from autograder.grading.pool import Done
from autograder.grading.sheet import HIDDEN, Regions, digest, without_hidden
from autograder.grading.task import Graded, Mark, Task
from autograder.grading.times import HandedIn, handed_in
from autograder.playing.player import Use

GRADED = ".graded"
"""The end of the name of a folder that the grader makes, and no student can."""
FACTS = ("marks", "notes", "made", "used", "unanswered", "handed_in", "digest")
"""What an attempt's record says of it."""


@dataclass(frozen=True)
class Attempt:
    """One attempt. name: of its folder. facts: as in its record. notebook, page: JSON and HTML."""

    name: str
    facts: dict[str, Any]
    notebook: str
    page: str = ""

    @property
    def submission(self) -> str:
        return str(self.facts["made"].get("submission", ""))

    @property
    def handed_in(self) -> HandedIn | None:
        return from_data(self.facts.get("handed_in"))

    @property
    def points(self) -> float:
        """The automatic ones, nothing taken off for lateness."""
        return sum(mark["points"] or 0.0 for mark in self.facts["marks"].values())

    @property
    def of(self) -> float:
        return sum(mark["of"] for mark in self.facts["marks"].values())

    def graded(self, place: Place) -> Graded:
        """As if it had just been graded."""
        return Graded(
            place.student,
            (place.assignment, place.notebook),
            self.notebook,
            {name: Mark(**mark) for name, mark in self.facts["marks"].items()},
            tuple(self.facts.get("unanswered", ())),
            tuple(self.facts["notes"]),
            dict(self.facts["made"]),
            Use(**self.facts["used"]),
        )


def as_data(when: HandedIn | None) -> dict[str, str] | None:
    if when is None:
        return None
    return {"when": when.when.isoformat() if when.when else "", "note": when.note}


def from_data(data: dict[str, str] | None) -> HandedIn | None:
    if data is None:
        return None
    return HandedIn(datetime.fromisoformat(data["when"]) if data["when"] else None, data["note"])


def folder_of(classroom: Classroom, place: Place) -> Path:
    return classroom.attempts / place.student / place.assignment


def attempts(classroom: Classroom, place: Place) -> list[Attempt]:
    """Those that are kept, in the order of their names; none where there was but one."""
    folder = folder_of(classroom, place)
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(GRADED))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return list(_read(folder, names, place.notebook))


def _read(folder: Path, names: list[str], notebook: str) -> Iterator[Attempt]:
    for name in names:
        copy, page, record = files(folder / name, notebook)
        try:
            facts = json.loads(record.read_text(encoding="utf-8"))
            text = copy.read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue  # of another notebook, or never completed
        if isinstance(facts, dict) and facts.keys() >= {*FACTS}:
            shown = page.read_text(encoding="utf-8") if page.is_file() else ""
            yield Attempt(name, facts, text, shown)


def others(classroom: Classroom, submission: Submission, there: list[Attempt]) -> list[Submission]:
    """What the student has handed in, to be graded (again): the attempts that are kept, and files
    that were replaced before they were ever graded.
    """
    folder = classroom.attempts / submission.student / submission.lesson
    found = {each.name: folder / each.name / "autograded" for each in there}
    try:
        there_too = (name for name in os.listdir(folder) if not name.startswith("."))
        names = [name for name in there_too if not no_folder(folder / name)]
    except (FileNotFoundError, NotADirectoryError):
        names = []
    for name in names:
        if not name.endswith(GRADED):
            found[f"{name}{GRADED}"] = folder / name
    return [
        replace(submission, folder=path, alone=True, around=None, attempt=name)
        for name, path in sorted(found.items())
    ]


def as_written(submission: Submission, envelope: Envelope, marks: Regions = HIDDEN) -> Envelope:
    """What is read of an attempt. Of a copy of ours without what the grader put into it: read as
    the student's own, a rubric or a hidden test would stand on their page.
    """
    if submission.folder.parent.name != submission.attempt or envelope.content is None:
        return envelope
    notebook = json.loads(envelope.content)
    notebook["cells"] = [c for c in notebook["cells"] if not {NOTES, RUBRIC} & c["metadata"].keys()]
    for cell in notebook["cells"]:
        if not cell["metadata"].get("nbgrader", {}).get("solution") and OWN not in cell["metadata"]:
            source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
            cell["source"] = without_hidden(source, marks)
    return replace(envelope, content=json.dumps(notebook).encode())


def is_known(task: Task, there: list[Attempt], course: str) -> bool:
    """Whether it is kept, and was graded by this version of the course.

    Files that were replaced may have been graded before that, and be an attempt by another name.
    """
    for each in there:
        if each.name == task.attempt:
            return bool(each.facts["digest"]) and each.facts["made"].get("course") == course
    return digest(*task.envelope.parts) in {each.submission for each in there}


def files(folder: Path, notebook: str) -> tuple[Path, Path, Path]:
    """Where an attempt's executed copy, page and record lie."""
    return (
        folder / "autograded" / f"{notebook}.ipynb",
        folder / "feedback" / f"{notebook}.html",
        folder / "records" / f"{notebook}.json",
    )


def keep(classroom: Classroom, place: Place, attempt: Attempt) -> None:
    """Write it down; its record last, with which it is there."""
    copy, page, record = files(folder_of(classroom, place) / attempt.name, place.notebook)
    write(copy, attempt.notebook)
    if attempt.page:
        write(page, attempt.page)
    facts = {name: attempt.facts[name] for name in FACTS}
    write(record, json.dumps(facts, indent=1) + "\n")


def keep_files(classroom: Classroom, place: Place, name: str, envelope: Envelope) -> None:
    """Write down what was handed in, where that was not done yet, each notebook by itself."""
    folder = folder_of(classroom, place) / name.removesuffix(GRADED)
    content = {} if envelope.content is None else {envelope.name: envelope.content}
    if folder.exists():
        for path, held in content.items():
            if not no_folder(folder) and not os.path.lexists(folder / path):
                write(folder / path, held)
        return
    aside = folder.with_name(f".{folder.name}{PART}")
    shutil.rmtree(aside, ignore_errors=True)
    for path, held in {**envelope.files, **envelope.others, **content}.items():
        (aside / path).parent.mkdir(parents=True, exist_ok=True)
        (aside / path).write_bytes(held)
    if aside.exists():
        aside.rename(folder)  # it is there as a whole, or not at all


def name_for(facts: dict[str, Any], otherwise: datetime, there: list[Attempt]) -> str:
    """Of its folder: when it was handed in, or else this time, in UTC."""
    when = from_data(facts["handed_in"])
    moment = (when and when.when) or otherwise
    stem = f"{moment:%Y-%m-%dT%H-%M-%SZ}"
    names = (f"{stem}{GRADED}", *(f"{stem}-{number}{GRADED}" for number in range(2, 1000)))
    return next(name for name in names if name not in {each.name for each in there})


@dataclass
class Attempts:
    """Keeps the attempts of a class, and tells which count.

    stamps: the files that say when a student's work on a lesson was handed in. chosen: of each
    place that has several, the attempt that counts, which of how many it is, and whether it is the
    last.
    """

    classroom: Classroom
    book: Book
    stamps: dict[tuple[str, str], Path]
    chosen: dict[Place, tuple[Attempt, int, int, bool]] = field(default_factory=dict)

    def read(self, stamp: Path) -> HandedIn | None:
        """What nbgrader's file beside a notebook says; None where there is none."""
        usual = self.book.config.get("Exchange", {}).get("timezone", "UTC")
        return handed_in(stamp, str(usual))

    def stamped(self, place: Place) -> HandedIn | None:
        """When what lies in `submitted/` was handed in."""
        stamp = self.stamps.get(place[:2])
        return self.read(stamp) if stamp else None

    def _placed(self, place: Place) -> datetime:
        """When it was put there, where nobody says more."""
        try:
            return datetime.fromtimestamp(self.stamps[place[:2]].parent.stat().st_mtime, UTC)
        except (KeyError, OSError):
            return datetime.now(UTC)

    def when(self, place: Place) -> HandedIn | None:
        """When that was handed in which counts: of several, not when another was."""
        if place not in self.chosen:
            return self.stamped(place)
        attempt, _, _, is_last = self.chosen[place]
        return self._when(place, attempt, is_last) or HandedIn(None)

    def _when(self, place: Place, attempt: Attempt, is_last: bool) -> HandedIn | None:
        """The last one's time is put right beside it, as long as it lies in `submitted/`."""
        lies_there = is_last and place[:2] in self.stamps
        return self.stamped(place) if lies_there else attempt.handed_in

    def said(self, place: Place) -> str:
        """Which one counts, in words, where that is not always the last."""
        if place not in self.chosen or not self.book.policy.best:
            return ""
        _, number, count, _ = self.chosen[place]
        return f"attempt {number} of {count} counts: it is the best"

    def enter(
        self, done: Done, record: dict[str, Any], made: str, dry: bool = False
    ) -> tuple[Done, dict[str, Any]]:
        """What counts of all that a student handed in, now that this is graded; what a record says
        of it. Whatever there is besides is kept.

        record: of what counted so far. made: the digest of all that this grade took. dry: write
        nothing.
        """
        place = done.graded.place
        there = attempts(self.classroom, place)
        first = None if there or same(record, done.graded) else self._first(place, record)
        if not there and first is None:
            return done, record
        there = there or [cast("Attempt", first)]
        fresh = self._fresh(done, record, made, there)
        for each in (first, fresh):
            if each is not None and not dry:
                keep(self.classroom, place, each)
        if not (dry or done.order.task.attempt):
            keep_files(self.classroom, place, fresh.name, done.order.task.envelope)
        before = str(record.get("last", "")) or there[0].name
        last = before if done.order.task.attempt else fresh.name
        there = [*(each for each in there if each.name != fresh.name), fresh]
        pick = self.choose(place, there, last)
        done = replace(done, graded=pick.graded(place), page=pick.page)
        return done, record | {"last": last, "counts": pick.name}

    def correct(self, done: Done, record: dict[str, Any], marks: dict[str, Mark]) -> None:
        """One question alone was graded of what counts: the attempt's own record says so, too."""
        name, place = record.get("counts"), done.graded.place
        for each in attempts(self.classroom, place) if name else ():
            if each.name == name:
                found = {question: vars(mark) for question, mark in marks.items()}
                facts = each.facts | {"marks": found, "digest": ""}
                keep(self.classroom, place, Attempt(name, facts, done.graded.notebook, done.page))

    def find(self, place: Place, record: dict[str, Any]) -> Attempt | None:
        """The one that counts by what holds today; None where there is but one."""
        there = attempts(self.classroom, place)
        return self.choose(place, there, str(record.get("last", ""))) if there else None

    def choose(self, place: Place, there: list[Attempt], last: str) -> Attempt:
        """The last, or the best: of most automatic points, less what lateness takes off; of equal
        ones the last.
        """
        due = self.book.due(place.student, place.assignment)

        def worth(each: Attempt) -> tuple[float, bool]:
            if not self.book.policy.best:
                return 0.0, each.name == last
            when = self._when(place, each, each.name == last)
            late = (when.when - due).total_seconds() if when and when.when and due else 0.0
            if not due or late <= 0:
                return each.points, each.name == last
            off = self.book.penalty(place.student, each.points, each.of, late, due)
            return round(each.points - (off or 0.0), 6), each.name == last

        there = in_order(there, last)
        number = max(range(len(there)), key=lambda i: (*worth(there[i]), i))
        return self._counts(place, there, number, last)

    def stays(self, place: Place, record: dict[str, Any]) -> None:
        """What counts so far goes on doing so: one question alone is graded of it."""
        last = str(record.get("last", ""))
        there = in_order(attempts(self.classroom, place), last)
        names = [each.name for each in there]
        if record.get("counts") in names:
            self._counts(place, there, names.index(record["counts"]), last)

    def _counts(self, place: Place, there: list[Attempt], number: int, last: str) -> Attempt:
        pick = there[number]
        self.chosen[place] = pick, number + 1, len(there), pick.name == last
        return pick

    def _first(self, place: Place, record: dict[str, Any]) -> Attempt | None:
        """What was graded before there was a second; None where there is nothing of it."""
        folders = (self.classroom.autograded, self.classroom.feedback)
        copy, page = (folder / place.student / place.assignment for folder in folders)
        copy, page = copy / f"{place.notebook}.ipynb", page / f"{place.notebook}.html"
        if not copy.is_file() or "when" not in record:
            return None
        facts = {"unanswered": (), "handed_in": None} | {n: record[n] for n in FACTS if n in record}
        shown = page.read_text(encoding="utf-8") if page.is_file() else ""
        text = copy.read_text(encoding="utf-8")
        return Attempt(
            name_for(facts, datetime.fromisoformat(record["when"]), []), facts, text, shown
        )

    def _fresh(
        self, done: Done, record: dict[str, Any], made: str, there: list[Attempt]
    ) -> Attempt:
        """What has just been graded: one of those that there are once more, or a new one."""
        graded, again = done.graded, done.order.task.attempt
        before = next((each for each in there if each.name == again), None)
        facts: dict[str, Any] = {
            "marks": {name: vars(mark) for name, mark in graded.marks.items()},
            "notes": graded.notes,
            "made": graded.made,
            "used": vars(graded.use),
            "unanswered": graded.unanswered,
            "handed_in": as_data(self.stamped(graded.place)),
            "digest": made,
        }
        if before is not None:  # its copy was graded, which is not what was handed in
            facts["made"] = graded.made | {"submission": before.submission}
            facts["handed_in"] = before.facts["handed_in"]
            return Attempt(before.name, facts, graded.notebook, done.page)
        if again:
            folder = folder_of(self.classroom, graded.place) / again.removesuffix(GRADED)
            facts["handed_in"] = as_data(self.read(folder / STAMP))
        for each in there:
            at_once = each.facts["handed_in"] == facts["handed_in"]
            alike = each.submission == graded.made.get("submission")
            if alike and (at_once or each.name == record.get("last")):
                return Attempt(each.name, facts, graded.notebook, done.page)
        name = again or name_for(facts, self._placed(graded.place), there)
        return Attempt(name, facts, graded.notebook, done.page)


def in_order(there: list[Attempt], last: str) -> list[Attempt]:
    """By when they were handed in, and the last at the end."""
    return sorted(there, key=lambda each: (each.name == last, each.name))


def same(record: dict[str, Any], graded: Graded) -> bool:
    """Whether nothing else was graded before."""
    return record.get("made", {}).get("submission") in (None, graded.made.get("submission"))
