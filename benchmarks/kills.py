"""Kill the grader with SIGKILL at random moments, go on with --resume, and count what is left.

    python -m benchmarks.kills [COUNT]

Nothing that was graded may be lost and nothing doubled, whatever the moment. Each round kills one
run; a class of small submissions is graded by one run after another until none is killed any more.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom import Classroom, kept
from benchmarks.classes import small_class

PATIENCE = 30
"""Seconds in which what belonged to a killed run has to end: on a busy machine it takes a while."""


@dataclass
class Killed:
    """kills: how many. lost: graded before a kill and gone after it. doubled: rows too many."""

    kills: int = 0
    graded: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    survivors: int = 0

    def __str__(self) -> str:
        return (
            f"{self.kills} kills while {self.graded} submissions were graded: {self.lost} lost, "
            f"{self.doubled} doubled, {self.wrong} with other points, "
            f"{self.survivors} processes left behind"
        )


def run(count: int, folder: Path, students: int = 40, seed: int = 0) -> Killed:
    """So many kills. `folder` is filled with a class, and graded anew where all is done."""
    found = Killed()
    draw = random.Random(seed)
    classroom, expected = small_class(folder, students)
    before: set[str] = set()
    while found.kills < count:
        process = start(folder)
        if kill_sometime(process, classroom, draw):
            found.kills += 1
        after = graded(classroom)
        found.lost += len(before - after)
        found.doubled += doubled(classroom)
        before = after
        if len(after) == len(expected):
            found.graded += len(after)
            found.wrong += sum(points(classroom)[s] != p for s, p in expected.items())
            shutil.rmtree(classroom.folder / "records")
            before = set()
    end = time.monotonic() + PATIENCE
    while (left := survivors(folder)) and time.monotonic() < end:
        time.sleep(0.5)
    found.survivors = left
    return found


def kill_sometime(process: subprocess.Popen, classroom: Classroom, draw: random.Random) -> bool:
    """Kill it while it starts, or after a few more submissions; False where it was done first."""
    records = classroom.folder / "records"
    early = draw.random() < 0.2
    more = len(list(records.glob("*/*/*.json"))) + draw.randrange(8)
    last = time.monotonic() + (draw.uniform(0.2, 5.0) if early else 60.0)
    while process.poll() is None and time.monotonic() < last:
        if not early and len(list(records.glob("*/*/*.json"))) > more:
            time.sleep(draw.uniform(0.0, 0.2))
            break
        time.sleep(0.005)
    if process.poll() is not None:
        return False
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return True


def start(folder: Path) -> subprocess.Popen:
    """`autograder grade --resume`, as an instructor types it."""
    grader = "import sys; from autograder.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", grader, "grade", "--resume", "--jobs", "2"]
    environment = os.environ | {"KILLS": str(folder)}
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def graded(classroom: Classroom) -> set[str]:
    """Students whose record is whole, and whose files are there."""
    found = set()
    for path in (classroom.folder / "records").glob("*/*/*.json"):
        record = kept(path)
        if record is not None:
            student = record["student"]
            executed = list((classroom.autograded / student).glob("*/*.ipynb"))
            pages = list((classroom.feedback / student).glob("*/*.html"))
            if executed and pages and student in points(classroom):
                found.add(student)
    return found


def query(classroom: Classroom, text: str) -> list[tuple]:
    path = classroom.folder / "gradebook.db"
    if not path.exists():
        return []
    with sqlite3.connect(path, timeout=60) as book:
        try:
            return book.execute(text).fetchall()
        except sqlite3.OperationalError:  # killed before the tables were there
            return []


def doubled(classroom: Classroom) -> int:
    """Submissions of one student beyond the first, and grades of one cell beyond the first."""
    students = query(classroom, "SELECT count(*) FROM submitted_assignment GROUP BY student_id")
    grades = query(classroom, "SELECT count(*) FROM grade GROUP BY notebook_id, cell_id")
    return sum(n - 1 for (n,) in students + grades)


def points(classroom: Classroom) -> dict[str, float]:
    rows = query(
        classroom,
        """SELECT s.student_id, sum(g.auto_score) FROM grade g
           JOIN submitted_notebook n ON n.id = g.notebook_id
           JOIN submitted_assignment s ON s.id = n.assignment_id
           WHERE g.auto_score IS NOT NULL GROUP BY 1""",
    )
    return dict(rows)


def survivors(folder: Path) -> int:
    """Processes of a killed run that are still there, and containers without a grader."""
    count = len(orphans())
    for place in Path("/proc").iterdir():
        if place.name.isdigit() and int(place.name) != os.getpid():
            with contextlib.suppress(OSError):
                count += f"KILLS={folder}\0".encode() in (place / "environ").read_bytes()
    return count


def orphans() -> list[str]:
    """Containers whose grader is gone."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError):
                line = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                parent = (place / "stat").read_text().rpartition(")")[2].split()[1]
                if "sandbox.warm" in line and "bwrap" in line and parent == "1":
                    found.append(line)
    return found


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with tempfile.TemporaryDirectory() as folder:
        print(run(count, Path(folder)))


if __name__ == "__main__":
    main()
