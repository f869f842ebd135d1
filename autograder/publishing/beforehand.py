"""What a page says of an explorer before a hand tries it: what only the notebook can do."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autograder.publishing import packing

More = Iterable[tuple[Mapping[str, Any], bytes]]
"""Where each file of pictures belongs, and the file."""


def sentence(setting: Mapping[str, Any], pictures: Iterable[Mapping[str, Any]], more: More) -> str:
    """In one sentence; empty where the page can do all that the notebook does.

    setting: as the page has it, with what it offers; pictures: those of the worked notebook.
    """
    controls = {control["name"]: control for control in setting["controls"]}
    typed = [each["label"] for each in controls.values() if each.get("typed")]
    if typed:
        own = f"in the notebook you type {_listed(typed)} of your own"
        return f"This page has no Python to ask: {own}."
    some = [each["label"] for each in controls.values() if each["kind"] == "among"]
    limits = []
    if some:
        takes = "take" if len(some) > 1 else "takes"
        limits.append(f"{_listed(some)} {takes} only numbers that were recorded")
    if not _whole(setting, pictures, more):
        limits.append("moving one control may move others")
    said = ", and ".join(limits)
    return f"On this page {said}; in the notebook you are free." if said else ""


def _listed(names: list[str]) -> str:
    return " and ".join(names)


def _whole(setting: Mapping[str, Any], pictures: Iterable[Mapping[str, Any]], more: More) -> bool:
    """Whether each control can be moved while all others stay as they are."""
    files = list(more)
    apart = sorted({name for where, _ in files for name in where})
    known: dict[str, set[tuple[Any, ...]]] = {layer["name"]: set() for layer in setting["layers"]}
    asks = {layer["name"]: layer["asks"] for layer in setting["layers"]}
    saved = ((one["layer"], one["values"]) for one in pictures)
    for layer, values in itertools.chain(saved, *(_recorded(data) for _, data in files)):
        known[layer].add(tuple(values[name] for name in asks[layer]))
    counts = {each["name"]: _positions(each) for each in setting["controls"]}
    return all(
        len(part) == math.prod(_every(part, number, counts[name]) for number, name in within)
        for layer, found in known.items()
        for part, within in _parts(found, asks[layer], apart)
    )


def _parts(
    found: set[tuple[Any, ...]], asks: list[str], apart: list[str]
) -> Iterator[tuple[list[tuple[Any, ...]], list[tuple[int, str]]]]:
    """Settings that belong to one file's place, and the controls that move within it."""
    at = [number for number, name in enumerate(asks) if name in apart]
    within = [(number, name) for number, name in enumerate(asks) if name not in apart]

    def place(one: tuple[Any, ...]) -> list[str]:
        return [str(one[number]) for number in at]

    for _, part in itertools.groupby(sorted(found, key=place), place):
        yield list(part), within


def _every(part: list[tuple[Any, ...]], number: int, count: int | None) -> int:
    """How many positions a control has; of a number, as many as were recorded there."""
    return count if count is not None else len({one[number] for one in part})


def _positions(control: Mapping[str, Any]) -> int | None:
    among = control.get("options") or control.get("texts")
    return len(among) if among else None


@functools.cache
def _recorded(data: bytes) -> list[tuple[str, dict[str, Any]]]:
    told, _ = packing.unpacked(data)
    return [(one["layer"], one["values"]) for one in told["pictures"]]
