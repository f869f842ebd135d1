"""What Canvas and Moodle give out, as their documentation shows it, and how they take it in again.

The readers below keep the rules of the platforms' own importers: which columns they look for, what
they skip in silence, and by which parts of a name they find a student.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

from autograder.classroom import Classroom

LESSON = "01-small"
LESSONS = [LESSON, "02-more"]

GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,Homework 0 (4141),01-small (4242),Current Score
,,,,,,Manual Posting,
    Points Possible,,,,,10.00,10.00,(read only)
"Doe, Jane",101,s101,jdoe1,"Section 1, morning",9,,90
"Doe, Jane",102,s102,jdoe2,Section 2,8,,80
"Roe, Jo ""J"" B",103,s103,jroe,Section 1,7,,70
"M\u00fcller, Zo\u00eb",104,s104,zmue,Section 1,6,4,60
"=HYPERLINK(""http://x""), Al",105,s105,aevil,Section 1,5,EX,50
"Late, Anna",106,s106,alate,Section 1,5,,50
"Student, Test",999,,f00ba7,Section 1,,,
"""
CANVAS_NAMES = {
    101: "doejane_101_9001_01-small.ipynb",
    102: "doejane_102_9002_01-small-1.ipynb",
    103: "roejojb_LATE_103_9003_my work (2).ipynb",
    104: "m\u00fcllerzo\u00eb_104_9004_01-small.ipynb",
}
"""Of those who handed in, by number; 105 and 106 did not."""

WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
Participant 11,Jane Doe,jane.doe@uni.example,Submitted for grading,,10.00,Yes,\
"Monday, 2 March 2026, 9:30 PM",-,
Participant 12,Jane Doe,doe2@uni.example,Submitted for grading,3.00,10.00,Yes,\
"Tuesday, 3 March 2026, 12:05 AM","Tuesday, 3 March 2026, 8:00 AM","well, ""done"" so far"
Participant 13,"O'Neil, Pat",pat@uni.example,Submitted for grading,,10.00,No,\
"Monday, 2 March 2026, 9:31 PM",-,
Participant 14,@SUM(A1) Evil,evil@uni.example,No submission,,10.00,Yes,Never,-,
"""
PARTICIPANTS = """\
\ufeff"First name","Last name","ID number","Email address",Groups
Jane,Doe,m1,jane.doe@uni.example,A
Jane,Doe,m2,doe2@uni.example,B
Pat,"O'Neil",m3,pat@uni.example,A
"""
MOODLE_NAMES = {11: "Jane Doe", 12: "Jane Doe", 13: "O'Neil, Pat"}
STUDENTS = """\
id,first_name,last_name,email,lms_user_id
jd,Jane,Doe,jd@x.org,101
zm,Zo\u00eb,M\u00fcller,z@x.org,
"""


def zipped(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def canvas_zip(path: Path, **content: str) -> Path:
    """A download of Canvas; content: by number, as `n101`."""
    files = {name: content.get(f"n{n}", f"work of {n}") for n, name in CANVAS_NAMES.items()}
    return zipped(path, files)


def moodle_zip(path: Path, ending: str = "_assignsubmission_file", flat: bool = False) -> Path:
    between = f"{ending}_" if flat else f"{ending}/"
    names = {n: f"{name}_{n}{between}01-small.ipynb" for n, name in MOODLE_NAMES.items()}
    return zipped(path, {name: f"work of {n}" for n, name in names.items()})


# --- As they take it in --------------------------------------------------------------------------


def table(path: Path) -> list[list[str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def canvas_takes(path: Path) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The points possible by column, and each student's grades by column, as Canvas reads them.

    The file must begin with Student and ID; Section is the last column that is of the student.
    """
    header, *rows = table(path)
    assert "Student" in header[0]
    assert "ID" in header[1]
    info = header.index("Section")
    assert header[2:info] in (["SIS User ID", "SIS Login ID"], ["SIS Login ID"], [])
    skipped = re.compile("Current Score|Final Score|Current Points|Final Points")
    columns = {at: t for at, t in enumerate(header) if at > info and not skipped.search(t)}
    possible: dict[str, str] = {}
    students: dict[str, dict[str, str]] = {}
    for row in rows:
        assert len(row) == len(header)
        if "Points Possible" in row[0]:
            possible = {title: row[at] for at, title in columns.items()}
        elif not all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell) for cell in row):
            who = row[1] or row[3] or row[0]
            assert who not in students
            students[who] = {title: row[at].strip() for at, title in columns.items()}
    return possible, students


def moodle_takes(path: Path) -> tuple[dict[str, float], dict[str, str]]:
    """The grades and comments that a grading worksheet sets, by number of the participant.

    Without these three columns Moodle refuses it; a grade above the maximum is skipped in silence.
    """
    header, *rows = table(path)
    at = {title: k for k, title in enumerate(header)}
    assert {"Identifier", "Grade", "Last modified (grade)"} <= at.keys()
    grades, comments = {}, {}
    for row in rows:
        number = row[at["Identifier"]][len("Participant ") :]
        assert number.isdigit()
        grade = row[at["Grade"]].replace(" ", "")
        if grade and 0 <= float(grade) <= float(row[at["Maximum Grade"]]):
            grades[number] = float(grade)
        comments[number] = row[at["Feedback comments"]]
    return grades, comments


def moodle_feedback(path: Path) -> dict[str, str]:
    """The feedback files of a zip, by number of the participant, each with its file's name."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            parts = name.split("/")
            info = parts[0].split("_", 4)
            assert len(info) >= 4
            assert info[2:4] == ["assignsubmission", "file"]
            found[str(int(info[1]))] = "/".join([*info[4:], *parts[1:]]).lstrip("/")
    return found


def canvas_feedback(path: Path) -> dict[tuple[str, str], str]:
    """The files of a zip by number of the student and of the file that was handed in."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            parts = [part for part in name.split("_") if part != "LATE"]
            user, file = [part for part in parts if part.isascii() and part.isdigit()][:2]
            assert not parts[-1].startswith("link")
            found[user, file] = archive.read(name).decode()
    return found


def lies(room: Classroom, student: str, lesson: str = LESSON) -> dict[str, str]:
    folder = room.submitted / student / lesson
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}
