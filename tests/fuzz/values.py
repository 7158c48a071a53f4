"""Values that are seldom right: texts, numbers, filters, tokens, and what mutation makes of good ones."""

from __future__ import annotations

import base64
import json
from random import Random
from typing import Any

TEXTS = (
    "",
    " ",
    "-",
    "*",
    "@",
    "live",
    "hello",
    "hello@live",
    "flows.hello.Hello",
    "..",
    "../../etc/passwd",
    "%2e%2e%2f",
    "%00",
    "%zz",
    "a:b:c",
    "null",
    "NaN",
    "true",
    "0",
    "-1",
    "1e400",
    "9" * 40,
    "\0",
    "\x7f\x1b[31m",
    "\u202e\ufeff\u2028",
    "\ud800",
    "🧨" * 20,
    "é" * 300,
    "a" * 70_000,
    "' OR 1=1 --",
    "{{7*7}}${7*7}",
    "\\",
    '"',
    "\r\nSet-Cookie: x=y",
    "2026-02-30T25:61:61Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "-3600s",
    "315576000001s",
    "30d",
    "0" * 32,
    "f" * 32,
    "01M7Z7S5XXTREAGJ54P65BKRFS",
    "psk_0123456789ab_00",
    "Bearer x",
    "data:;base64,====",
    "[" * 3_000,
    "(" * 3_000,
    '{"a":' * 3_000,
)

NUMBERS = (0, 1, -1, 2, 50, 1000, 1001, 2**31 - 1, 2**31, -(2**31), 2**32, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 2**64)
FLOATS = (0.0, -0.0, 0.001, 0.0005, 1.5, -1.0, 1e-320, 1e308, float("inf"), float("-inf"), float("nan"), 3600.0)

_FILTER_WORDS = (
    *(
        "status",
        "flow",
        "graph_id",
        "version",
        "alias",
        "mode",
        "execution_id",
        "create_time",
        "duration",
        "labels.team",
    ),
    *(
        "error.code",
        "node.ran",
        "node.waiting",
        "input",
        "input.text",
        "output.text.x",
        "classification",
        "labels",
        "method",
    ),
    *("key_id", "resource", "outcome", "time", "_", "a.b.c.d", "input.\x00"),
    *("=", "!=", "<", "<=", ">", ">=", ":", ":*", "~", "(", ")", "AND", "OR", "NOT", "-", ","),
    *(
        '"order*"',
        '"',
        "'x'",
        "*",
        '"*"',
        "FAILED",
        "RUNNING",
        "3",
        "-3",
        "1e9",
        "1m30s",
        "9999999999999h",
        "true",
        "null",
    ),
    *('"2026-01-31T12:00:00Z"', '"2026-13-31T12:00:00Z"', '"\\', "hello", "🧨", "%", "_%_", "a" * 600),
)


def text(random: Random) -> str:
    choice = random.random()
    if choice < 0.6:
        return random.choice(TEXTS)
    if choice < 0.8:
        return "".join(chr(random.choice((random.randrange(32, 127), random.randrange(0x3000)))) for _ in range(8))
    return random.choice(TEXTS)[:40] + random.choice(TEXTS)[:40]


def filter_text(random: Random) -> str:
    if random.random() < 0.1:
        return random.choice(
            ("NOT " * 2_000, "(" * 2_000 + "flow = a" + ")" * 2_000, " AND ".join(["flow = a"] * 2_000))
        )
    return random.choice((" ", "")).join(random.choice(_FILTER_WORDS) for _ in range(random.randrange(1, 12)))


def token(random: Random) -> str:
    """A page token: of random bytes, of JSON, or a text."""
    choice = random.random()
    if choice < 0.4:
        return base64.urlsafe_b64encode(random.randbytes(random.randrange(40))).decode()
    if choice < 0.8:
        inside = [random.choice((*NUMBERS, *TEXTS[:30], None, [], {})) for _ in range(random.randrange(4))]
        return base64.urlsafe_b64encode(json.dumps(inside).encode()).decode().rstrip("=")
    return text(random)


def changed_bytes(random: Random, raw: bytes) -> bytes:
    """`raw` after one to four mutations."""
    made = bytearray(raw)
    for _ in range(random.randrange(1, 5)):
        at = random.randrange(len(made) + 1)
        match random.randrange(7):
            case 0 if made:
                made[at - 1] ^= 1 << random.randrange(8)
            case 1:
                made[at:at] = random.randbytes(random.randrange(1, 9))
            case 2:
                del made[at : at + random.randrange(1, 9)]
            case 3:
                del made[at:]
            case 4:
                made[at:at] = made[random.randrange(len(made) + 1) :][:200]
            case 5:
                made[at:at] = b"\xff" * random.randrange(1, 11)
            case 6:
                # A field of any number and kind, or a group that never ends.
                made[at:at] = random.choice(
                    (b"\x0a\xff\xff\xff\xff\x07", b"\x0b" * 300, b"\x0a\x02\x0a\x00", b"\x08\x80")
                )
    return bytes(made)


def changed_json(random: Random, value: Any, depth: int = 0) -> Any:
    """`value` with some of its parts left out, doubled or replaced."""
    if random.random() < 0.15:
        return odd_json(random)
    if isinstance(value, dict) and depth < 8:
        made = {name: changed_json(random, inner, depth + 1) for name, inner in value.items() if random.random() < 0.9}
        if random.random() < 0.15:
            made[text(random)[:100]] = odd_json(random)
        return made
    if isinstance(value, list) and depth < 8:
        return [
            changed_json(random, inner, depth + 1) for inner in value for _ in range(random.choice((0, 1, 1, 1, 2)))
        ]
    return value


def odd_json(random: Random) -> Any:
    match random.randrange(9):
        case 0:
            return text(random)
        case 1:
            return random.choice(NUMBERS)
        case 2:
            return random.choice(FLOATS)
        case 3:
            return random.choice((None, True, False, [], {}, [[]], [None], {"": ""}))
        case 4:
            return [odd_json(random) for _ in range(random.randrange(4))]
        case 5:
            return {text(random)[:100]: odd_json(random) for _ in range(random.randrange(4))}
        case 6:
            return {"@type": random.choice(("", "x", "type.googleapis.com/google.protobuf.Any", "penstock.v1.Flow"))}
        case 7:
            return _nested(random.choice((60, 150, 900)))
        case _:
            return base64.b64encode(random.randbytes(random.randrange(40))).decode()


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value] if depth % 2 else {"a": value}
    return value
