"""A lesson's text as a notebook: where each cell stands, and what cannot be read, line by line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from nbformat import NotebookNode

FENCE = re.compile(r"(`{3,}|~{3,})(.*)")
CELL = re.compile(r"\{(?:code|raw)-cell\}")
BREAK = re.compile(r"\+\+\+(?:\s+(.*))?")
DASHES = re.compile(r"-{3,}")


class Unreadable(Exception):
    """A text that is no notebook; `faults` are the lines, counted from 1, and what is wrong."""

    def __init__(self, faults: list[tuple[int, str]]):
        super().__init__("\n".join(f"line {line}: {reason}" for line, reason in faults))
        self.faults = faults


def read(text: str) -> NotebookNode:
    """The text as a notebook, as it stands. Raises `Unreadable`."""
    import jupytext  # half a second, where nothing else is to be read

    if faults := list(unclosed(text)):
        raise Unreadable(faults)
    try:
        return jupytext.reads(text, fmt="md:myst")
    except Exception as error:  # its own, PyYAML's, nbformat's or a TypeError
        faults = list(bad_settings(text))
        said = str(error).split("\n")[0]
        raise Unreadable(faults or [(1, f"jupytext cannot read it: {said}")]) from error


def places(text: str) -> list[int]:
    """The line of each cell: of its fence, of its `+++`, or of the first words of its text."""
    from jupytext.myst import myst_to_notebook

    lines = text.splitlines()
    found = []
    for line in myst_to_notebook(text, add_source_map=True).metadata["source_map"]:
        place = max(line, 1)
        if not (FENCE.match(lines[place - 1]) and "-cell}" in lines[place - 1]):
            while not BREAK.match(lines[place - 1]) and (place == line or not lines[place - 1]):
                place += 1
        found.append(place)
    return found


# --- Fences and settings ------------------------------------------------------------------------


def unclosed(text: str) -> Iterator[tuple[int, str]]:
    """Blocks that are never closed: they take what stands below into them."""
    begun, fence = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        opens = FENCE.match(line)
        if not fence:
            if opens and "`" not in opens[2]:
                begun, fence = number, opens[1]
        elif opens and not opens[2].strip() and opens[1].startswith(fence):
            fence = ""
        elif (opens and CELL.match(opens[2]) and opens[1].startswith(fence)) or (
            BREAK.fullmatch(line) and opens is None
        ):
            yield begun, f"the block that begins here is never closed by {fence}"
            begun, fence = (number, opens[1]) if opens else (0, "")
    if fence:
        yield begun, f"the block that begins here is never closed by {fence}"


def bad_settings(text: str) -> Iterator[tuple[int, str]]:
    """Settings of the notebook or of a cell that are no YAML, or no JSON behind `+++`."""
    for first, block, kind in _settings(text):
        reason = _not_json(block) if kind == "JSON" else _not_yaml(block)
        if reason:
            line, why = reason
            yield first + line, f"settings that are no {kind}: {why}"


def _settings(text: str) -> Iterator[tuple[int, str, str]]:
    """The line of the first of each block of settings, the block, and its language."""
    lines = text.splitlines()
    if lines and DASHES.fullmatch(lines[0]):
        yield 2, "\n".join(_until_dashes(lines[1:])), "YAML"
    for number, line in enumerate(lines, 1):
        opens, breaks = FENCE.match(line), BREAK.fullmatch(line)
        if breaks and breaks[1]:
            yield number, breaks[1], "JSON"
        elif opens and CELL.match(opens[2]):
            rest = lines[number:]
            if rest and DASHES.match(rest[0]):
                yield number + 2, "\n".join(_until_dashes(rest[1:])), "YAML"
            elif rest and rest[0].startswith(":"):
                colons = next((i for i, r in enumerate(rest) if not r.startswith(":")), len(rest))
                yield number + 1, "\n".join(r[1:] for r in rest[:colons]), "YAML"


def _until_dashes(lines: list[str]) -> list[str]:
    end = next((i for i, line in enumerate(lines) if DASHES.match(line)), len(lines))
    return lines[:end]


def _not_yaml(block: str) -> tuple[int, str] | None:
    """The line, counted from 0, and the reason."""
    import yaml  # type: ignore[import-untyped]

    try:
        found = yaml.safe_load(block)
    except yaml.YAMLError as error:
        why = getattr(error, "problem", None) or str(error).split("\n")[0]
        at_the_end = "end of stream" in str(why)  # of what begins elsewhere
        mark = getattr(error, "context_mark" if at_the_end else "problem_mark", None)
        return (mark.line if mark else 0), str(why)
    if found is None or isinstance(found, dict):
        marks = (found or {}).get("nbgrader", {})
        return None if isinstance(marks, dict) else (0, "nbgrader must have its own, indented")
    return 0, "they must be names with values"


def _not_json(block: str) -> tuple[int, str] | None:
    try:
        found = json.loads(block)
    except ValueError as error:
        return 0, str(error)
    return None if isinstance(found, dict) else (0, "they must be names with values, in braces")
