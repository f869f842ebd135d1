"""Random generators as four numbers, and large numbers as text: no state of a library's object.

The judge's own also say of which seed they are, for a student's code that asks for their children.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .pipe import ProtocolError

MOST_CHILDREN = 10_000
"""That a generator may have had between two messages."""


def plain_generator(generator: np.random.Generator) -> bool:
    """Whether it is PCG64, the generator of `default_rng`; no other one is sent."""
    return type(generator.bit_generator) is np.random.PCG64


def generator_state(generator: np.random.Generator) -> tuple[str, str, int, int, int]:
    """The four numbers of PCG64, and how many children the generator has had."""
    state: Any = generator.bit_generator.state
    two = state["state"]
    children = getattr(generator.bit_generator.seed_seq, "n_children_spawned", 0)
    words = hex(two["state"]), hex(two["inc"])
    return *words, int(state["has_uint32"]), int(state["uinteger"]), int(children)


def family(generator: np.random.Generator) -> list:
    """What a generator's children are made of: the words of its seed, and its place below it.

    Nothing where it was made of something else than a seed.
    """
    seed = generator.bit_generator.seed_seq
    if type(seed) is not np.random.SeedSequence:
        return []
    words: Any = seed.entropy if isinstance(seed.entropy, Sequence) else [seed.entropy]
    return [[hex(int(word)) for word in words], list(seed.spawn_key)]


def born(words: list, place: list) -> np.random.Generator:
    """A generator of this family. Only the judge says of which, and is not asked."""
    entropy = [int(word, 16) for word in words]
    seed = np.random.SeedSequence(entropy if len(entropy) > 1 else entropy[0], spawn_key=place)
    return np.random.Generator(np.random.PCG64(seed))


def take(generator: np.random.Generator, checked: dict, children: int) -> None:
    """From now on it is in this state, and has had as many children at least."""
    bits = generator.bit_generator
    bits.state = checked
    more = children - getattr(bits.seed_seq, "n_children_spawned", children)
    if more > 0:
        bits.seed_seq.spawn(min(more, MOST_CHILDREN))  # type: ignore[attr-defined]


def checked_state(state: Any, inc: Any, has: Any, word: Any, children: Any) -> tuple[dict, int]:
    """A state of PCG64 of four numbers, each within its range, and a number of children."""
    numbers = [whole(state, 128), whole(inc, 128), has, word, children]
    bounds = 1 << 128, 1 << 128, 2, 1 << 32, 1 << 32
    for number, most in zip(numbers, bounds, strict=True):
        if type(number) is not int or not 0 <= number < most:
            raise ProtocolError("no state of a generator")
    if not numbers[1] & 1:
        raise ProtocolError("no state of a generator")
    two = {"state": numbers[0], "inc": numbers[1]}
    made = {"bit_generator": "PCG64", "state": two, "has_uint32": has, "uinteger": word}
    return made, children


def whole(text: Any, bits: int) -> int:
    """A number in hexadecimal digits, of not many more bits than these."""
    if type(text) is not str or len(text) > 4 + bits // 4:
        raise ProtocolError("malformed number")
    return int(text, 16)
