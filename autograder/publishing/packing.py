"""Recorded pictures as few bytes: numbers as differences, their bytes side by side, deflated.

What is said is kept whole. What is drawn is rounded to less than a pixel: on an even axis to a part
of what the panel shows, else to a part of each number. `site/front/start.js` unpacks it.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

DROPPED = 10
"""Bits of a number's fraction, of 23, that are left out where each is rounded by itself."""
PARTS = 12
"""Where numbers are rounded to an even step, it is at least 2**-PARTS of what the panel shows."""
EXACT, ROUNDED = "exact", "rounded"
Kind = str | int
"""How an array is kept: exact, each number rounded, or in steps of 2**this."""
NOTHING = -(2**30)
"""Stands for nan among steps: where a line is lifted."""
AXES = {"x": "x", "y": "y", "dx": "x", "dy": "y"}


def packed(told: dict[str, Any], buffers: Sequence[bytes], panels: Any, first: int = 0) -> bytes:
    """told: plain data with `pictures`, as `Explorer.answer` makes them. buffers: their arrays,
    float32, which the pictures count from `first` on. panels: the explorer's, as it begins."""
    arrays = [np.frombuffer(buffer, dtype="<f4") for buffer in buffers]
    kinds = _kinds(told["pictures"], arrays, {p["name"]: p for p in panels}, first)
    head = {**told, "first": first, "sizes": [a.size for a in arrays], "kinds": kinds}
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    steps = [_steps(array, kind) for array, kind in zip(arrays, kinds, strict=True)]
    numbers = np.concatenate([np.zeros(0, "<u4"), *steps]).astype("<u4")
    planes = numbers.view(np.uint8).reshape(-1, 4).T.tobytes()
    return zlib.compress(b"".join([len(text).to_bytes(4, "little"), text, planes]), 9)


def _steps(array: np.ndarray, kind: Kind) -> np.ndarray:
    """Each number as its difference from the one before: small where a curve is smooth.

    Signs go to the last bit, so that small is small either way.
    """
    steps = np.diff(_whole(array, kind), prepend=0)
    steps = (steps + 2**31) % 2**32 - 2**31
    return ((steps << 1) ^ (steps >> 63)).astype("<u4")


def _whole(array: np.ndarray, kind: Kind) -> np.ndarray:
    """As whole numbers. Bits of floats, read as whole numbers, are in the order of the floats once
    those of negative ones are turned over."""
    if isinstance(kind, int):
        scaled = np.rint(array.astype(float) * 2.0**-kind)
        return np.where(np.isnan(scaled), NOTHING, scaled).astype(np.int64)
    bits = array.view("<i4")
    ordered = np.where(bits < 0, bits ^ 0x7FFFFFFF, bits).astype(np.int64)
    return ordered if kind == EXACT else (ordered + (1 << (DROPPED - 1))) >> DROPPED


def _kinds(
    pictures: Any, arrays: list[np.ndarray], panels: dict[str, Any], first: int
) -> list[Kind]:
    """How each array is kept: as finely as the finest of its uses needs."""
    found: list[list[Kind]] = [[] for _ in arrays]
    for one in pictures:
        picture = one["picture"]
        here = panels | {panel["name"]: panel for panel in picture.get("panels", ())}
        for says in picture.get("says", ()):
            for number in says.get("fields", {}).values():
                if isinstance(number, dict):
                    found[number["buffer"] - first].append(EXACT)
        for mark in picture.get("marks", ()):
            for name in AXES.keys() & mark.keys():
                number = mark[name]["buffer"] - first
                found[number].append(_kind(arrays[number], here[mark["panel"]], AXES[name]))
    return [_finest(array, uses) for array, uses in zip(arrays, found, strict=True)]


def _kind(array: np.ndarray, panel: dict[str, Any], axis: str) -> Kind:
    if panel.get(f"{axis}_scale", "linear") != "linear":
        return ROUNDED
    low, high = panel.get(axis) or (_end(array, np.min), _end(array, np.max))
    return math.floor(math.log2(high - low)) - PARTS if high > low else EXACT


def _end(array: np.ndarray, which: Any) -> float:
    finite = array[np.isfinite(array)]
    return float(which(finite)) if finite.size else 0.0


def _finest(array: np.ndarray, uses: list[Kind]) -> Kind:
    steps = [use for use in uses if isinstance(use, int)]
    if EXACT in uses or not uses or np.isinf(array).any():
        return EXACT
    far = ROUNDED not in uses and np.nanmax(np.abs(array), initial=0) * 2.0 ** -min(steps)
    if ROUNDED in uses or far >= 2**29:
        return EXACT if np.isnan(array).any() else ROUNDED
    return min(steps)


def unpacked(data: bytes) -> tuple[dict[str, Any], list[np.ndarray]]:
    """What `packed` was given, and its arrays as they will be drawn."""
    raw = zlib.decompress(data)
    at = 4 + int.from_bytes(raw[:4], "little")
    told = json.loads(raw[4:at])
    planes = np.frombuffer(raw[at:], dtype=np.uint8).reshape(4, -1)
    numbers = np.ascontiguousarray(planes.T).view("<u4").ravel().astype(np.int64)
    return told, list(_arrays(told, numbers))


def _arrays(told: dict[str, Any], numbers: np.ndarray) -> Iterator[np.ndarray]:
    ends = np.cumsum(told["sizes"], dtype=int)
    for end, size, kind in zip(ends, told["sizes"], told["kinds"], strict=True):
        steps = numbers[end - size : end]
        whole = np.cumsum((steps >> 1) ^ -(steps & 1))
        whole = ((whole + 2**31) % 2**32 - 2**31).astype(np.int64)
        if isinstance(kind, int):
            yield np.where(whole == NOTHING, np.nan, whole * 2.0**kind).astype("<f4")
            continue
        bits = (whole if kind == EXACT else whole << DROPPED).astype("<i4")
        yield np.where(bits < 0, bits ^ 0x7FFFFFFF, bits).astype("<i4").view("<f4")
