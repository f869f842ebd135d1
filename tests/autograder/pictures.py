"""Pictures for the tests, in base64: real ones, and their parts."""

from __future__ import annotations

import base64
import io
import struct
import zlib

import PIL.Image


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def png(width: int = 4, height: int = 3) -> str:
    return _drawn("PNG", width, height)


def jpeg(width: int = 4, height: int = 3, **how: bool) -> str:
    return _drawn("JPEG", width, height, **how)


def _drawn(kind: str, width: int, height: int, **how: bool) -> str:
    file = io.BytesIO()
    PIL.Image.new("RGB", (width, height), "white").save(file, kind, **how)
    return encoded(file.getvalue())


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def header(width: int, height: int) -> bytes:
    """The beginning of a PNG of this size."""
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size)
