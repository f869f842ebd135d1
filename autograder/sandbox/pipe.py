"""Messages over a pipe: JSON with the bytes of arrays behind it, within bounds of size."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import msgspec

HEADER = struct.Struct("!II")
LARGEST_TEXT = 8_000_000
"""Bytes of JSON in a message."""
LARGEST_ARRAYS = 64_000_000
"""Bytes of arrays in a message."""
PIECE = 1 << 16
"""Bytes read at once."""
ENCODER, DECODER = msgspec.json.Encoder(), msgspec.json.Decoder()


class ProtocolError(Exception):
    """A message that is none: too large, malformed, or about what was never sent."""


class Closed(Exception):
    """The other side has gone."""


def until(seconds: float) -> Callable[[], float]:
    """How many of these seconds, which begin now, are left."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


class Pipe:
    """Messages over a stream socket."""

    def __init__(self, connection: socket.socket):
        self.connection = connection
        self.unread = bytearray()
        self.held: list[bytes] = []

    def send(self, content: Any, arrays: list[bytes], later: bool = False) -> None:
        """later: it may wait for the next message, or for `flush`."""
        text = _written(content)
        self.held += [HEADER.pack(len(text), sum(map(len, arrays))), text, *arrays]
        if not later:
            self.flush()

    def flush(self) -> None:
        body, self.held = b"".join(self.held), []
        try:
            self.connection.sendall(body)
        except (BrokenPipeError, ConnectionError) as gone:
            raise Closed(str(gone)) from gone

    def has_message(self) -> bool:
        """Whether a whole message has come, so that `receive` does not wait."""
        if len(self.unread) < HEADER.size:
            return False
        return len(self.unread) >= HEADER.size + sum(HEADER.unpack_from(self.unread))

    def receive(self, left: Callable[[], float] | None = None) -> tuple[Any, memoryview]:
        """The next message and its arrays' bytes.

        Raises `Closed`, `ProtocolError`, or `TimeoutError` when `left()` seconds are 0.
        """
        self._fill(HEADER.size, left)
        text_size, array_size = HEADER.unpack_from(self.unread)
        if text_size > LARGEST_TEXT or array_size > LARGEST_ARRAYS:
            raise ProtocolError(f"a message of {(text_size + array_size) / 1e6:.0f} MB")
        size = HEADER.size + text_size + array_size
        self._fill(size, left)
        body = memoryview(bytes(self.unread[HEADER.size : size]))
        del self.unread[:size]
        try:
            return _read(body[:text_size]), body[text_size:]
        except (ValueError, RecursionError) as error:
            raise ProtocolError("a message that is not JSON") from error

    def _fill(self, size: int, left: Callable[[], float] | None) -> None:
        """Read until there are so many bytes; most messages come whole in one piece."""
        while len(self.unread) < size:
            if left is not None:
                self._wait(left)
            try:
                part = self.connection.recv(PIECE)
            except ConnectionError as gone:
                raise Closed(str(gone)) from gone
            if not part:
                raise Closed("the end of the stream")
            self.unread += part

    def _wait(self, left: Callable[[], float]) -> None:
        while (seconds := left()) > 0:
            if select.select([self.connection], [], [], seconds)[0]:
                return
        raise TimeoutError


def _written(content: Any) -> bytes:
    try:
        return ENCODER.encode(content)
    except (UnicodeEncodeError, TypeError):  # half a character, or a name of another class
        return json.dumps(content).encode()


def _read(text: memoryview) -> Any:
    with contextlib.suppress(msgspec.DecodeError):
        return DECODER.decode(text)
    return json.loads(str(text, "ascii"))  # it takes half characters
