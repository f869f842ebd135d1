"""A student's process that says anything: pasted into a cell, it changes what its pipe sends.

Self-contained, because it runs inside. What it sends depends on the seed alone: types, sizes,
order, halves, floods, other tokens, honest messages with something changed.
"""

import gc
import json
import os
import random
import signal
import struct
import sys
import time

SIZES = (0, 1, 2, 5, 100)
LARGE_SIZES = (20_000, 300_000)
WORDS = (
    "done", "output", "ask", "told", "run", "call", "get", "set", "vars", "operator", "weights",
    "output_type", "stream", "clear", "display_data", "text", "name", "data", "metadata",
    "ValueError", "MemoryError", "ExceptionGroup", "NotImplementedError", "__class__",
    "__globals__", "<ipython-input-1-a>", "<answer square>", "<f8", "|O", "<U5", "f8,f8", "Cw",
    "Sr", "PCG64", "MT19937", "0x1", "-0x1", "nan", "0" * 16, "", "\ud800", "\x1b[2J", "\u202e",
    "{0.__class__}", "%s%n", "(a+)+$", "../../x", "gradient", "alpha", "square",
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 2, 3, 4, 6, 7, 20, 1000, 2**31, 2**53 - 1, 2**53, 2**63, -(2**63), 2**61 - 1, 2**64,
    10**300, 0.0, -0.0, 1.5, 1e308, -1e308, 5e-324, float("nan"), float("inf"), True, False, None,
)  # fmt: skip
DTYPES = ("<f8", ">f8", "<f4", "<f2", "<i8", "<i4", "|i1", "|u1", "|b1", "<c16", "<f16", "<u8")
ODD_DTYPES = ("|O", "<M8[ns]", "|V8", "f8,f8", "<U4", "|S4", ">U2", "<U0", "float64", "8f8", "")
TAGS = (
    "a", "n", "t", "l", "s", "d", "g", "=", "x", "i", "c", "y", "z", "o", "sub", "h", "m", "f", "v",
)  # fmt: skip
KINDS = [f"helpers.questions.backprop.shared:{name}" for name in ("Affine", "Bend", "Nothing")]
ATTRIBUTES = ("weights", "given", "gradient", "h", "output", "__class__", "__dict__", "_x", "")


class Values:
    """Draws forms of values, most of them well made, and the bytes that belong to them."""

    def __init__(self, draw):
        self.draw = draw
        self.arrays = []

    def number(self):
        kind = self.draw.random()
        if kind < 0.6:  # odd ones are a student's, even ones the judge's
            return self.draw.randrange(60)
        return self.draw.choice(NUMBERS) if kind < 0.8 else self.draw.randrange(10**6)

    def text(self):
        text = self.draw.choice(WORDS)
        kind = self.draw.random()
        if kind < 0.1:
            return text * self.draw.choice(SIZES)
        return text * self.draw.choice(LARGE_SIZES) if kind < 0.12 else text

    def many(self, depth):
        if self.draw.random() < 0.01:
            return [self.draw.choice(NUMBERS[:-3]) for _ in range(self.draw.choice(LARGE_SIZES))]
        return [self.value(depth + 1) for _ in range(self.draw.choice((0, 1, 2, 3, 5)))]

    def shape(self):
        kind = self.draw.random()
        if kind < 0.8:
            return [self.draw.choice((0, 1, 2, 3, 5)) for _ in range(self.draw.randrange(4))]
        if kind < 0.9:
            return [1] * self.draw.choice((10, 32, 33, 64))
        return self.draw.choice(
            ([10**9], [2000, 2000], [10**5, 0], [-1], [2.5], [True], "3", None, [2**40] * 4)
        )

    def array(self):
        odd = self.draw.random() < 0.2
        dtype = self.draw.choice(ODD_DTYPES if odd else DTYPES)
        shape = self.shape()
        size = count = 1
        try:
            for n in shape:
                count *= n
            digits = "".join(c for c in dtype if c.isdigit()) or "8"
            size = int(digits) * count * (4 if "U" in dtype else 1)
        except TypeError:
            pass
        if type(size) is not int or not 0 <= size < 1_000_000 or self.draw.random() < 0.05:
            size = self.draw.choice(SIZES)
        fill = self.draw.choice((b"\x00", b"\xff", b"\x00\x00\xf0\x3f", None))
        content = fill * (size // len(fill) + 1) if fill else self.draw.randbytes(size)
        self.arrays.append(content[:size])
        return dtype, shape, size

    def value(self, depth=0):
        kind = self.draw.random()
        if kind < 0.3 or depth > 6:
            return self.draw.choice(NUMBERS)
        if kind < 0.4:
            return self.text()
        tag = self.draw.choice(TAGS) if kind < 0.98 else self.text()
        if kind > 0.99:
            return self.draw.choice(({}, {"a": 1}, [], [[]], [None], [[[[[1]]]]]))
        return [tag, *self.parts(tag, depth)]

    def parts(self, tag, depth):
        number = self.number()
        if tag in ("a", "n"):
            dtype, shape, size = self.array()
            layout = self.draw.choice(("Cw", "Cr", "Fw", "Sw", "Sr", "XX", None))
            return [number, dtype, shape, layout, size] if tag == "a" else [dtype, size]
        if tag in ("t", "z"):
            return [self.many(depth)]
        if tag in ("l", "s"):
            return [number, self.many(depth)]
        if tag == "d":
            keys = [self.text() if self.draw.random() < 0.7 else self.value(depth + 2)
                    for _ in range(self.draw.randrange(4))]  # fmt: skip
            return [number, [[key, self.value(depth + 1)] for key in keys]]
        if tag == "v":
            names = [self.draw.choice(ATTRIBUTES) for _ in range(self.draw.randrange(4))]
            held = ["d", self.number(), [[name, self.value(depth + 1)] for name in names]]
            return [number, self.draw.choice(KINDS), held]
        if tag == "g":
            state = [hex(self.draw.getrandbits(128)), hex(self.draw.getrandbits(128) | 1)]
            children = self.draw.choice((0, 1, 5, 1 << 31))
            rest = [self.draw.randrange(2), self.draw.getrandbits(32), children]
            return (
                [number, *state, *rest] if self.draw.random() < 0.7 else [number, *self.many(depth)]
            )
        if tag == "h":
            return [number, self.text(), self.text(), self.draw.random() < 0.7]
        if tag == "sub":
            mine = [number] if self.draw.random() < 0.7 else []
            return [self.text(), self.value(depth + 1), *mine]
        if tag == "o":
            return [number, "|O", self.shape()]
        if tag == "x":
            return [self.draw.choice(("nan", "inf", "-inf", "one", 5))]
        if tag == "i":
            return [self.draw.choice(("0x1", hex(2**70), "-0x5", "0x" + "f" * 9000, "x", 5))]
        if tag == "c":
            return [self.draw.choice((1.5, float(k))).hex() for k in (1, 2)]
        if tag == "y":
            return ["00ff" * self.draw.choice(SIZES)]
        return [number, *self.many(depth)][: self.draw.randrange(1, 4)]


# --- Ways to lie ----------------------------------------------------------------------------------


def nodes(form, found=None):
    """Every list of a form."""
    found = [] if found is None else found
    if isinstance(form, list):
        found.append(form)
        for part in form[:200]:
            nodes(part, found)
    return found


class Liar:
    """In place of the pipe's `send`.

    way: how it lies. rate: how many messages it changes, after the first `after`.
    """

    def __init__(self, desk, seed):
        self.draw = random.Random(seed)
        self.desk = desk
        self.honest = desk.pipe.send
        self.connection = desk.pipe.connection
        self.way = self.draw.choice(
            ["parts"] * 4 + ["tree"] * 4 + ["value"] * 6 + ["error"] * 3 + ["changed"] * 2
            + ["asks"] * 3 + ["order"] * 2 + ["bytes"] * 2 + ["halves", "flood", "ends"]
        )  # fmt: skip
        self.rate = self.draw.choice((0.05, 0.3, 1.0))
        self.after = self.draw.choice((0, 2, 4, 5, 6, 8, 12, 30))
        self.held = None
        self.lying = False

    def send(self, content, arrays, later=False):
        self.after -= 1
        if self.lying or self.after >= 0 or self.draw.random() > self.rate:
            return self.honest(content, arrays, later)
        self.lying = True
        try:
            content = json.loads(json.dumps(content))
            getattr(self, self.way)(content, list(arrays))
        finally:
            self.lying = False

    def values(self, arrays):
        made = Values(self.draw)
        made.arrays = arrays
        return made

    def parts(self, content, arrays):
        """One of a message's parts is another, is missing, or stands there twice."""
        parts = content[1]
        place = self.draw.randrange(len(parts))
        if self.draw.random() < 0.6:
            parts[place] = self.values(arrays).value()
        elif self.draw.random() < 0.5:
            del parts[place]
        else:
            parts.insert(place, parts[self.draw.randrange(len(parts))])
        self.honest(content, arrays)

    def tree(self, content, arrays):
        """A few places, however deep, are others."""
        for _ in range(self.draw.choice((1, 1, 2, 5))):
            node = self.draw.choice(nodes(content))
            if node:
                place = self.draw.randrange(len(node))
                kind = self.draw.random()
                if kind < 0.5:
                    node[place] = self.draw.choice((*NUMBERS[:20], *WORDS))
                elif kind < 0.7:
                    node[place] = self.values(arrays).value(3)
                elif kind < 0.8:
                    del node[place]
                elif kind < 0.9:
                    node.append(node[place])
                else:
                    self.draw.shuffle(node)
        self.honest(content, arrays)

    def value(self, content, arrays):
        """What is returned is anything."""
        parts = content[1]
        if len(parts) == 6 and parts[1] == "done":
            parts[3], parts[4] = True, self.values(arrays).value()
        self.honest(content, arrays)

    def error(self, content, arrays):
        """An error, of any classes, text and place, whether there can be one or not."""
        parts = content[1]
        if len(parts) == 6 and parts[1] == "done":
            made = self.values(arrays)
            classes = [made.text() for _ in range(self.draw.choice((1, 2, 30)))]
            place = ["t", [made.text(), made.text(), made.number(), made.text()]]
            some = self.draw.choice((place, None, made.value(4)))
            parts[3] = self.draw.choice((False, False, None, 0, 1))
            parts[4] = ["t", [["l", 10**6 + 1, classes], made.text(), some]]
            parts[5] = ["t", [made.text() for _ in range(self.draw.choice((0, 1, 30)))]]
        self.honest(content, arrays)

    def changed(self, content, arrays):
        """What both sides share has changed, into anything."""
        made = self.values([])
        content[1][0] = ["t", made.many(0)]
        self.honest(content, made.arrays + arrays)

    def asks(self, content, arrays):
        """Questions to the judge, of anything about anything."""
        for _ in range(self.draw.choice((1, 3, 20))):
            made = self.values([])
            what = self.draw.choice(("call", "call", "get", "set", "vars", made.text()))
            rest = {
                "call": [["t", made.many(1)], ["d", 10**6 + 3, []]],
                "get": [made.text()],
                "set": [made.text(), made.value(2)],
                "vars": [],
            }.get(what, made.many(2))
            target = self.draw.choice((*range(0, 40, 2), made.number()))
            asked = 10**6 + self.draw.randrange(1000)
            self.honest(["t", [["t", []], "ask", asked, what, target, *rest]], made.arrays)
        self.honest(content, arrays)

    def order(self, content, arrays):
        """Twice, never, or one later than it is due; and replies to what nobody asked."""
        kind = self.draw.random()
        if kind < 0.3:
            self.honest(content, arrays)
            self.honest(content, arrays)
        elif kind < 0.6:
            token = self.draw.choice(("0" * 16, "", 5, None))
            lie = ["t", [["t", []], "done", token, True, 4.0, ["t", []]]]
            self.honest(lie, [])
            self.honest(content, arrays)
        elif self.held is not None:
            self.honest(*self.held)
            self.held = content, arrays
        else:
            self.held = content, arrays
            self.honest(content, arrays)

    def bytes(self, content, arrays):
        """A few bytes are others, or there are more or fewer; the sizes may not fit."""
        text = bytearray(json.dumps(content).encode())
        for _ in range(self.draw.choice((1, 3, 20))):
            place = self.draw.randrange(len(text))
            kind = self.draw.random()
            if kind < 0.6:
                text[place] = self.draw.randrange(256)
            elif kind < 0.8:
                del text[place : place + self.draw.choice((1, 5))]
            else:
                text[place:place] = self.draw.randbytes(self.draw.choice((1, 5)))
            text = text or bytearray(b"0")
        size = sum(map(len, arrays)) if self.draw.random() < 0.8 else self.draw.randrange(2**32)
        size = size if self.draw.random() < 0.9 else 0
        self.raw(struct.pack("!II", len(text), size) + text + b"".join(arrays))

    def halves(self, content, arrays):
        """A part of a message, and then silence, the end, or more of another."""
        text = json.dumps(content).encode()
        body = struct.pack("!II", len(text), sum(map(len, arrays))) + text + b"".join(arrays)
        self.raw(body[: self.draw.randrange(len(body))])
        kind = self.draw.random()
        if kind < 0.4:
            self.connection.close()
        elif kind < 0.5:
            time.sleep(60)
        else:
            self.honest(content, arrays)

    def flood(self, content, arrays):
        """More than anybody can read: outputs, questions, bytes."""
        kind = self.draw.random()
        made = self.values([])
        if kind < 0.3:
            lie = [["output_type", "stream"], ["name", "stdout"], ["text", "x" * 1000]]
            for _ in range(5000):
                self.honest(["t", [["t", []], "output", "0" * 16, ["d", 10**6 + 5, lie]]], [])
        elif kind < 0.6:
            lie = ["t", [made.value(3) for _ in range(3)]]
            for number in range(2000):
                call = ["ask", number, "call", 0, lie, ["d", 10**6 + 7, []]]
                self.honest(["t", [["t", []], *call]], made.arrays)
        elif kind < 0.8:
            self.raw(self.draw.randbytes(1000) * 20_000)
        else:
            numbers = [k * (2**61 - 1) for k in range(1, 3000)]
            tag = self.draw.choice("ls")
            content[1][0] = ["t", [[tag, 10**6 + 9, numbers], ["=", 10**6 + 9]]]
        self.honest(content, arrays)

    def ends(self, content, arrays):
        """The process ends, or closes what it has."""
        kind = self.draw.random()
        if kind < 0.3:
            os._exit(3)
        elif kind < 0.5:
            os.kill(os.getpid(), self.draw.choice((signal.SIGTERM, signal.SIGSEGV, signal.SIGKILL)))
        elif kind < 0.7:
            os.closerange(0, 64)
        elif kind < 0.8:
            raise self.draw.choice((SystemExit, KeyboardInterrupt, MemoryError, RecursionError))
        self.honest(content, arrays)

    def raw(self, body):
        try:
            self.connection.sendall(body)
        except OSError:
            os._exit(4)


def begin(seed):
    sys.setrecursionlimit(3000)
    desk = globals().get("desk") or next(x for x in gc.get_objects() if type(x).__name__ == "Desk")
    desk.pipe.send = Liar(desk, seed).send
