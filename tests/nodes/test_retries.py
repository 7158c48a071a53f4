"""How often a node is tried again: what authors may write, and what is said of everything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration

from penstock.engine.nodes.retries import parse_retries
from penstock.wire.gen.retries_pb2 import Retries
from tests.nodes.folders import load_nodes, problems_of_nodes
from tests.nodes.test_signatures import FIRST_LINE, MESSAGES


def problems(value: object) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    assert parse_retries(value, lambda key, message: found.append((key, message))) is None
    return found


def parsed(value: object) -> Retries | None:
    return parse_retries(value, lambda key, message: pytest.fail(f"{key}: {message}"))


def test_number_is_the_most_attempts() -> None:
    assert parsed(3) == Retries(max_attempts=3)


def test_every_field_may_be_given() -> None:
    everything = {
        "max_attempts": 5,
        "initial_backoff": "200ms",
        "multiplier": 1.5,
        "max_backoff": 90,
        "jitter": 0,
        "retry_on": ["PROVIDER", "CARD_DECLINED", "PROVIDER"],
        "max_system_attempts": 100,
    }
    assert parsed(everything) == Retries(
        max_attempts=5,
        initial_backoff=Duration(nanos=200_000_000),
        multiplier=1.5,
        max_backoff=Duration(seconds=90),
        jitter=0,
        retry_on=["PROVIDER", "CARD_DECLINED"],
        max_system_attempts=100,
    )


def test_what_is_not_given_stays_absent_and_nothing_is_something() -> None:
    retries = parsed({"initial_backoff": 0, "jitter": 0})
    assert retries is not None
    given = {field.name for field, _ in retries.ListFields()}
    assert given == {"initial_backoff", "jitter"}
    assert parsed({}) == Retries()


@pytest.mark.parametrize(
    ("value", "key", "message"),
    [
        (0, "max_attempts", "expected 1 to 100, got 0"),
        (101, "max_attempts", "expected 1 to 100, got 101"),
        (True, "", "expected the most attempts or an object such as {max_attempts: 3}, got True"),
        ("3", "", "expected the most attempts or an object such as {max_attempts: 3}, got '3'"),
        ({"max_attempts": "3"}, "max_attempts", "expected 1 to 100, got '3'"),
        ({"max_attempts": 2.5}, "max_attempts", "expected 1 to 100, got 2.5"),
        ({"max_system_attempts": 0}, "max_system_attempts", "expected 1 to 100, got 0"),
        ({"initial_backoff": -1}, "initial_backoff", "expected 0 to 24 h, got -1"),
        ({"initial_backoff": float("nan")}, "initial_backoff", "expected 0 to 24 h, got nan"),
        ({"max_backoff": "25h"}, "max_backoff", "expected 0 to 24 h, got '25h'"),
        ({"max_backoff": None}, "max_backoff",
         'expected seconds or text such as "10s", "200ms", "5m" or "24h", got None'),
        ({"multiplier": 0.5}, "multiplier", "expected a number from 1 to 100, got 0.5"),
        ({"multiplier": "2"}, "multiplier", "expected a number from 1 to 100, got '2'"),
        ({"jitter": 1.1}, "jitter", "expected a number from 0 to 1, got 1.1"),
        ({"retry_on": "PROVIDER"}, "retry_on",
         "expected a list of codes such as NODE_TIMEOUT and classes such as PROVIDER, got 'PROVIDER'"),
        ({"retry_on": ["provider"]}, "retry_on",
         "expected a list of codes such as NODE_TIMEOUT and classes such as PROVIDER, got 'provider'"),
        ({"retry_on": ["A"] * 51}, "retry_on",
         "expected a list of codes such as NODE_TIMEOUT and classes such as PROVIDER, at most 50, got 51"),
        ({"max_attempt": 1}, "max_attempt", "unknown key; did you mean max_attempts?"),
        ({3: 1}, "3", "unknown key; there is initial_backoff, jitter, max_attempts, max_backoff, "
         "max_system_attempts, multiplier, retry_on"),
    ],
)  # fmt: skip
def test_everything_else_is_refused(value: Any, key: str, message: str) -> None:
    assert problems(value) == [(key, message)]


async def test_node_carries_its_retries_and_secrets_and_they_are_recorded(tmp_path: Path) -> None:
    nodes = """
@node(retries={"max_attempts": 3, "initial_backoff": "1s"}, secrets=["stripe_key", "mail_key"])
def charge(request: In) -> Out: ...
@node
def plain(request: In) -> Out: ...
"""
    package = await load_nodes(tmp_path, MESSAGES + nodes)
    charge, plain = package.nodes.values()
    expected = Retries(max_attempts=3, initial_backoff=Duration(seconds=1))
    assert (charge.retries, charge.secrets) == (expected, ("stripe_key", "mail_key"))
    assert (plain.retries, plain.secrets) == (None, ())
    first, second = package.to_proto().nodes
    assert (first.retries, list(first.secrets)) == (expected, ["stripe_key", "mail_key"])
    assert (second.HasField("retries"), list(second.secrets)) == (False, [])


async def test_every_problem_of_a_decorator_is_told_with_the_others(tmp_path: Path) -> None:
    nodes = """@node(retries={"max_attempts": 0, "tries": 3}, secrets="stripe_key", timeout="soon")
def first(request: In) -> Out: ...
@node(retries="often", secrets=["Key"])
def second(request: In) -> Out: ...
@node(secrets=["a", "b", "a"])
def third(request: In): ...
@node(secrets=[f"s{number}" for number in range(51)])
def fourth(request: In) -> Out: ...
"""
    found = await problems_of_nodes(tmp_path, MESSAGES + nodes)
    rule = "a name of a-z, 0-9 and _, a letter first, at most 63 characters"
    keys = "initial_backoff, jitter, max_attempts, max_backoff, max_system_attempts, multiplier, retry_on"
    expected = [
        (0, "first: timeout: expected seconds or text such as \"10s\", \"200ms\", \"5m\" or \"24h\", got 'soon'"),
        (0, "first: retries.max_attempts: expected 1 to 100, got 0"),
        (0, f"first: retries.tries: unknown key; there is {keys}"),
        (0, "first: secrets: expected a list of names such as [\"stripe_key\"], got 'stripe_key'"),
        (2, "second: retries: expected the most attempts or an object such as {max_attempts: 3}, got 'often'"),
        (2, f"second: secrets: expected {rule}, got 'Key'"),
        (4, "third: secrets: a is listed twice"),
        (4, "third: what it returns has no annotation (expected a dataclass, found nothing)"),
        (6, "fourth: secrets: expected at most 50 names, got 51"),
    ]  # fmt: skip
    assert found == [f"nodes.py:{FIRST_LINE + line}: node {problem}" for line, problem in expected]
