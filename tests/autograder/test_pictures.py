"""A picture is what it says it is, and no larger than a browser can draw; nothing is unpacked."""

from __future__ import annotations

import base64
import struct

import pytest

from autograder.playing.pictures import JPEG, MOST_PIXELS, PNG, NoPicture, pixels
from tests.autograder.pictures import chunk, encoded, header, jpeg, png

IDAT, IEND = chunk(b"IDAT", b"x"), chunk(b"IEND")


def frame(width: int, height: int) -> bytes:
    """The segment of a JPEG that says how large it is."""
    return b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00"


@pytest.mark.parametrize(
    ("mime", "picture", "count"),
    [
        (PNG, png(), 12),
        (PNG, png(300, 200), 60_000),
        (JPEG, jpeg(), 12),
        (JPEG, jpeg(300, 200, progressive=True), 60_000),
        (PNG, encoded(header(5000, 5000) + IDAT + IEND), 25_000_000),
    ],
)
def test_a_picture_has_its_pixels(mime, picture, count):
    assert pixels(mime, picture) == count


@pytest.mark.parametrize(
    ("mime", "content", "why"),
    [
        (PNG, b"", "no PNG"),
        (PNG, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG"),
        (PNG, header(5001, 5000) + IDAT + IEND, "25 million pixels"),
        (PNG, header(2**31 - 1, 1) + IDAT + IEND, "2147483647 by 1 pixels"),
        (PNG, header(0, 9) + IDAT + IEND, "0 by 9 pixels"),
        (PNG, header(9, 9), "breaks off"),
        (PNG, header(9, 9) + IDAT, "breaks off"),
        (PNG, header(9, 9) + IEND, "empty"),
        (PNG, header(9, 9) + struct.pack(">I", 2**31) + b"IDAT", "breaks off"),
        (PNG, header(9, 9)[:8] + IDAT + IEND, "disorder"),
        (PNG, header(9, 9) + header(99999, 99999)[8:] + IDAT + IEND, "disorder"),
        (PNG, header(9, 9) + chunk(b"acTL", bytes(8)) + IDAT + IEND, "moves"),
        (PNG, header(9, 9) + chunk(b"tEXt") * 20_000 + IDAT + IEND, "too many parts"),
        (PNG, base64.b64decode(jpeg()), "no PNG"),
        (JPEG, base64.b64decode(png()), "no JPEG"),
        (JPEG, b"\xff\xd8\xff", "breaks off"),
        (JPEG, b"\xff\xd8" + frame(60_000, 60_000), "60000 by 60000 pixels"),
        (JPEG, b"\xff\xd8" + frame(10_000, 2_501), "25 million pixels"),
        (JPEG, b"\xff\xd8" + frame(0, 1), "0 by 1 pixels"),
        (JPEG, b"\xff\xd8\xff\xd0\x00\x0b" + frame(9, 9), "disorder"),
        (JPEG, b"\xff\xd8\xff\xe0\x00\x03xy" + frame(9, 9), "disorder"),
        (JPEG, b"\xff\xd8\xff\xe0\x00\x00" * 20_000, "disorder"),
        (JPEG, b"\xff\xd8\xff\xda\x00\x02", "empty"),
        (JPEG, b"\xff\xd8" + frame(9, 9) + b"\xff\xda\x00\x02" * 200, "too many scans"),
    ],
)
def test_what_is_no_picture_or_too_large_says_why(mime, content, why):
    with pytest.raises(NoPicture, match=why):
        pixels(mime, encoded(content))


@pytest.mark.parametrize("text", ["no base64", "iVBOR=w0", "\ud800", "é", "a" * 5, "<script>"])
def test_what_is_not_in_base64_is_no_picture(text):
    with pytest.raises(NoPicture, match="base64"):
        pixels(PNG, text)


def test_no_other_type_is_a_picture():
    with pytest.raises(NoPicture, match="neither PNG nor JPEG"):
        pixels("image/gif", png())


def test_the_limit_is_what_a_browser_can_draw():
    assert MOST_PIXELS * 4 <= 100_000_000
