"""CSV files of learning platforms: read as they come, written so that they are taken again.

A name in them is of a student's own choosing: no cell of ours begins what a spreadsheet would run.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError, write
from autograder.grading import spreadsheets

LARGEST = 50_000_000
"""Bytes; no class's list is longer."""
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*%?")
BOM = "\ufeff"


@dataclass(frozen=True)
class Sheet:
    """A table of texts, and how its file was written. Every row is as long as the header."""

    header: list[str]
    rows: list[list[str]]
    delimiter: str = ","
    bom: bool = False

    def column(self, *names: str) -> int | None:
        """The first column of one of these names, in any letter case; None where there is none."""
        folded = [title.strip().casefold() for title in self.header]
        return next((folded.index(n.casefold()) for n in names if n.casefold() in folded), None)


def read(path: Path) -> Sheet:
    """A platform's CSV file. Raises `CourseError` where it is none."""
    try:
        if path.stat().st_size > LARGEST:
            raise CourseError(f"{path} is larger than any class's list")
        content = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from error
    text = _decoded(content)
    bom, text = text.startswith(BOM), text.removeprefix(BOM)
    if "\0" in text or content[:2] == b"PK":
        raise CourseError(
            f"{path} is no CSV file: save it as one (a spreadsheet's own file is not)"
        )
    delimiter = _delimiter(text)
    try:
        table = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row
        ]
    except csv.Error as error:
        raise CourseError(f"{path} is no CSV file: {error}") from error
    if not table:
        raise CourseError(f"{path} is empty")
    wide = len(table[0])
    rows = [(row + [""] * wide)[:wide] for row in table[1:]]
    return Sheet(table[0], rows, delimiter, bom)


def _decoded(content: bytes) -> str:
    """UTF-8, with its mark or without; UTF-16 with its mark; else as older Windows programs do."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    """What stands most often in the first line, outside of quotes."""
    line = re.sub(r'"[^"]*"', "", text.partition("\n")[0])
    return max(",;\t", key=line.count)


def save(sheet: Sheet, path: Path) -> None:
    """Write it as its file was written, in UTF-8; the header as it is, the cells made harmless."""
    out = io.StringIO(newline="")
    out.write(BOM if sheet.bom else "")
    csv.writer(out, delimiter=sheet.delimiter, lineterminator="\n").writerow(sheet.header)
    # In quotes a cell stays one, also where a spreadsheet divides by another letter.
    quoted = csv.writer(out, delimiter=sheet.delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    quoted.writerows([harmless(cell) for cell in row] for row in sheet.rows)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, out.getvalue())
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}") from error


def harmless(cell: str) -> str:
    """The cell, with a mark before it where a spreadsheet would take it for a formula.

    Numbers, and `-` for none, stay as the platform wrote them.
    """
    as_it_is = NUMBER.fullmatch(cell.strip()) or cell.strip() == "-"
    return cell if as_it_is else spreadsheets.harmless(cell)


def number(cell: str) -> float | None:
    """The number that a cell says, with a decimal point or comma; None where it says none.

    `1,000` may be one or a thousand, and says none.
    """
    if re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", cell.strip()):
        return None
    found = cell.strip().replace(",", ".")
    return float(found) if re.fullmatch(r"-?\d+(\.\d+)?", found) else None


def shown(points: float) -> str:
    """Points as both platforms read them: a point, no trailing zeros."""
    return f"{round(points, 4) + 0.0:.4f}".rstrip("0").rstrip(".")
