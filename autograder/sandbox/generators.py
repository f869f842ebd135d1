"""Random generators as four numbers, and large numbers as text: no state of a library's object."""

from __future__ import annotations

from typing import Any

import numpy as np

from .pipe import ProtocolError


def plain_generator(generator: np.random.Generator) -> bool:
    """Whether it is PCG64, the generator of `default_rng`; no other one is sent."""
    return type(generator.bit_generator) is np.random.PCG64


def generator_state(generator: np.random.Generator) -> tuple[str, str, int, int]:
    """The four numbers of PCG64."""
    state: Any = generator.bit_generator.state
    two = state["state"]
    return hex(two["state"]), hex(two["inc"]), int(state["has_uint32"]), int(state["uinteger"])


def checked_state(state: Any, inc: Any, has: Any, word: Any) -> dict:
    """A state of PCG64 of four numbers, each within its range."""
    numbers = [whole(state, 128), whole(inc, 128), has, word]
    for number, most in zip(numbers, (1 << 128, 1 << 128, 2, 1 << 32), strict=True):
        if type(number) is not int or not 0 <= number < most:
            raise ProtocolError("no state of a generator")
    if not numbers[1] & 1:
        raise ProtocolError("no state of a generator")
    two = {"state": numbers[0], "inc": numbers[1]}
    return {"bit_generator": "PCG64", "state": two, "has_uint32": has, "uinteger": word}


def whole(text: Any, bits: int) -> int:
    """A number in hexadecimal digits, of not many more bits than these."""
    if type(text) is not str or len(text) > 4 + bits // 4:
        raise ProtocolError("malformed number")
    return int(text, 16)
