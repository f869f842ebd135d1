"""Pictures that a student shows: PNG and JPEG, of a size that a browser can draw.

Only what comes before the pixels is read. Nothing is unpacked here: a picture of a few kilobytes
may hold gigabytes of pixels.
"""

from __future__ import annotations

import base64
import binascii
import struct

PNG, JPEG = "image/png", "image/jpeg"
SIGNATURES = {PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff"}
MOST_PIXELS = 25_000_000
"""Of one picture: four bytes each, once it is drawn. A telephone's camera takes 12 million."""
LONGEST_SIDE = 20_000
MOST_PARTS = 10_000
"""Chunks of a PNG, segments of a JPEG."""
ALONE = (0x00, 0x01, *range(0xD0, 0xDA))
"""JPEG's markers without a segment."""
MOST_SCANS = 100
"""A JPEG that comes into view bit by bit has about ten; each costs as much as the whole."""


class NoPicture(ValueError):
    """It is none, or not one that can be shown; the message says why."""


def pixels(mime: str, text: str) -> int:
    """How many pixels this picture has, in base64. Raises `NoPicture`."""
    if mime not in SIGNATURES:
        raise NoPicture("its type is neither PNG nor JPEG")
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoPicture("it is not in base64") from None
    if not content.startswith(SIGNATURES[mime]):
        raise NoPicture(f"it is no {mime.removeprefix('image/').upper()}")
    try:
        width, height = (png_size if mime == PNG else jpeg_size)(content)
    except (struct.error, IndexError):
        raise NoPicture("it breaks off") from None
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        raise NoPicture(f"it is {width} by {height} pixels large")
    if width * height > MOST_PIXELS:
        raise NoPicture(f"it has {width * height / 1e6:.0f} million pixels")
    return width * height


def png_size(content: bytes) -> tuple[int, int]:
    """Width and height. Its chunks must follow each other to its end, and it must not move."""
    at, drawn = 8, False
    size = (0, 0)
    for k in range(MOST_PARTS):
        length, kind = struct.unpack_from(">I4s", content, at)
        if (kind == b"IHDR") != (k == 0) or (k == 0 and length != 13):
            raise NoPicture("its parts are in disorder")
        if k == 0:
            size = struct.unpack_from(">II", content, at + 8)
        if kind == b"acTL":
            raise NoPicture("it moves")
        drawn = drawn or kind == b"IDAT"
        at += 12 + length
        if at > len(content):
            raise NoPicture("it breaks off")
        if kind == b"IEND":
            if not drawn:
                raise NoPicture("it is empty")
            return size
    raise NoPicture("it has too many parts")


def jpeg_size(content: bytes) -> tuple[int, int]:
    """Width and height, which stand in the segment that begins the frame."""
    if content.count(b"\xff\xda") > MOST_SCANS:
        raise NoPicture("it has too many scans")
    at = 2
    for _ in range(MOST_PARTS):
        if content[at] != 0xFF:
            raise NoPicture("its parts are in disorder")
        kind = content[at + 1]
        if kind == 0xFF:  # before a marker there may be some
            at += 1
            continue
        if kind in ALONE:  # here they stand in no picture, and have no length
            raise NoPicture("its parts are in disorder")
        if kind == 0xDA:
            raise NoPicture("it is empty")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, at + 5)
            return width, height
        (length,) = struct.unpack_from(">H", content, at + 2)
        at += 2 + length
    raise NoPicture("it has too many parts")
