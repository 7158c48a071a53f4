"""What the arguments of the command line look like. Each raises ArgumentTypeError that says what was expected."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime, timedelta

from penstock.wire.scopes import ScopeError, parse_scope

PROCESSES_MAX = 64
"""Engine processes of one server: more than its database has connections for is a slip of the finger."""


def address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f'expected HOST:PORT, got "{text}"')
    return text


def seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f'expected a number of seconds above 0, got "{text}"')
    return number


def rate(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f'expected a number above 0, got "{text}"')
    return number


def count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f'expected a whole number above 0, got "{text}"')
    return int(text)


def whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f'expected a whole number, got "{text}"')
    return int(text)


def processes(text: str) -> int:
    number = count(text)
    if number > PROCESSES_MAX:
        raise argparse.ArgumentTypeError(f'expected at most {PROCESSES_MAX}, got "{text}"')
    return number


def label(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f'expected KEY=VALUE, got "{text}"')
    return key, value


def header(text: str) -> tuple[str, str]:
    """Name and value of an HTTP header. What the value may hold is for the server to say."""
    name, colon, value = text.partition(":")
    if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        raise argparse.ArgumentTypeError(f'expected NAME: VALUE, got "{text}"')
    return name, value.strip()


def execution_id(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{32}", text):
        raise argparse.ArgumentTypeError(f'expected 32 lower-case hex digits, got "{text}"')
    return text


def moment(text: str) -> str:
    """An RFC 3339 time with its zone."""
    try:
        has_zone = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        has_zone = False
    if not has_zone or "T" not in text:
        raise argparse.ArgumentTypeError(f'expected a time such as 2026-01-31T12:00:00Z, got "{text}"')
    return text


def graph_id(text: str) -> str:
    if not re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", text):
        raise argparse.ArgumentTypeError(f'expected the 26 characters of a graph_id, got "{text}"')
    return text


def name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", text):
        raise argparse.ArgumentTypeError(f'expected a name such as order_total, got "{text}"')
    return text


def config_id(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", text):
        raise argparse.ArgumentTypeError(f'expected the name of a config such as eu-west, got "{text}"')
    return text


def query_name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", text):
        raise argparse.ArgumentTypeError(f'expected the name of a query such as failed-today, got "{text}"')
    return text


def alias_target(text: str) -> dict[str, str | int]:
    """An AliasTarget in its JSON form: v3, v3=90 or a graph_id in place of the version."""
    match = re.fullmatch(
        r"(?:v(?P<version>[1-9][0-9]{0,8})|(?P<graph_id>[0-9A-Z]{26}))(?:=(?P<weight>[0-9]{1,3}))?", text
    )
    if match is None:
        raise argparse.ArgumentTypeError(f'expected a version and its percents such as v3=90, got "{text}"')
    target: dict[str, str | int] = {}
    if match["version"]:
        target["version"] = int(match["version"])
    else:
        target["graph_id"] = match["graph_id"]
    if match["weight"]:
        target["weight"] = int(match["weight"])
    return target


def keeping_s(text: str) -> int | None:
    """Seconds that executions are kept: 30d, 12h; None for ever."""
    if text == "forever":
        return None
    match = re.fullmatch(r"([0-9]{1,7})([dh])", text)
    seconds = int(match[1]) * {"d": 86_400, "h": 3_600}[match[2]] if match else 0
    if not 3_600 <= seconds <= 36_500 * 86_400:
        raise argparse.ArgumentTypeError(f'expected a time such as 30d, 12h (1h to 36500d) or forever, got "{text}"')
    return seconds


def account(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", text):
        raise argparse.ArgumentTypeError(f'expected the name of an account such as team-blue, got "{text}"')
    return text


def scope(text: str) -> str:
    try:
        parse_scope(text)
    except ScopeError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def key_id(text: str) -> str:
    """Of a key that is given itself the part that is no secret."""
    match = re.fullmatch(r"(?:psk_)?([0-9a-f]{12})(?:_[0-9a-f]{64})?", text)
    if match is None:
        # Without the text: it may be a key with a slip in it.
        raise argparse.ArgumentTypeError("expected the id of a key, 12 lower-case hex digits, or the key itself")
    return match[1]


def length_s(text: str) -> int:
    """Seconds of a length such as 90d, 12h, 30m or 0s."""
    match = re.fullmatch(r"([0-9]{1,7})([dhms])", text)
    if match is None:
        raise argparse.ArgumentTypeError(f'expected a length such as 90d, 12h, 30m or 0s, got "{text}"')
    return int(match[1]) * {"d": 86_400, "h": 3_600, "m": 60, "s": 1}[match[2]]


def expiry(text: str) -> str:
    """A time, also one that is given as the length up to it; "" for never."""
    if text == "never":
        return ""
    if re.fullmatch(r"[0-9]{1,5}[dhms]", text):
        return (datetime.now(UTC) + timedelta(seconds=length_s(text))).isoformat()
    return moment(text)
