"""`penstock webhooks` against a scripted server, and where the webhooks of a server may go."""

from __future__ import annotations

import json
import time
from ipaddress import ip_address
from typing import Any

import pytest

from penstock.cli.commandline.arguments import parse
from penstock.cli.errors import UsageError
from penstock.cli.serving.webhook_settings import VARIABLE, webhook_settings
from tests.cli.conftest import Penstock, environment, penstock, server
from tests.cli.fake_server import Answer, FakeServer, refusal

__all__ = ["environment", "penstock", "server"]

ID = "0190aaaa00007000800000000000000a"
DELIVERIES = "/webhooks/v1/deliveries"
TIME = "2026-01-02T03:04:05.123456Z"


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables show local time."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def delivery(number: int, state: str, **fields: Any) -> dict[str, Any]:
    one = {"execution_id": ID, "number": number, "state": state, "delivery_time": TIME, "duration": "0.0123s"}
    return one | {"url": "https://example.com/", "error": "", "response": "", "webhook_id": f"msg_{ID}"} | fields


def test_deliveries_say_what_came_of_each_try(server: FakeServer, penstock: Penstock) -> None:
    tries = [
        delivery(2, "DELIVERED", status_code=200),
        delivery(1, "RETRYING", error="no answer within 15 s", duration="15s", next_time="2026-01-02T03:04:35Z"),
    ]
    server.on(f"GET {DELIVERIES}", Answer({"deliveries": tries, "next_page_token": ""}))
    outcome = penstock("webhooks", "deliveries", ID)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "EXECUTION                         TRY  TIME                 DURATION  STATE      DETAIL",
        f"{ID}  2    2026-01-02 03:04:05  12 ms     DELIVERED  answered 200",
        f"{ID}  1    2026-01-02 03:04:05  15.0 s    RETRYING   no answer within 15 s; again at 2026-01-02 03:04:35",
    ]
    assert server.requests[0].query == {"execution_id": ID, "page_size": "50"}


def test_deliveries_of_the_account_are_json_for_programs(server: FakeServer, penstock: Penstock) -> None:
    page = {"deliveries": [delivery(1, "FAILED", status_code=410)], "next_page_token": ""}
    server.on(f"GET {DELIVERIES}", Answer(page))
    outcome = penstock("webhooks", "deliveries", "--limit", "7", "--output", "json")
    assert json.loads(outcome.out) == {"deliveries": page["deliveries"]}
    assert server.requests[0].query == {"page_size": "7"}


def test_redeliver_says_what_follows(server: FakeServer, penstock: Penstock) -> None:
    answer = Answer({"webhook_id": f"msg_{ID}"})
    server.on(f"POST /webhooks/v1/executions/{ID}:redeliver", answer)
    assert penstock("webhooks", "redeliver", ID).out == f"the result of {ID} is delivered again\n"


def test_redeliver_tells_why_not(server: FakeServer, penstock: Penstock) -> None:
    why = "the execution has not ended: its result is delivered when it has"
    answer = refusal(why, "FAILED_PRECONDITION", 409, reason="NOT_ENDED")
    server.on(f"POST /webhooks/v1/executions/{ID}:redeliver", answer)
    outcome = penstock("webhooks", "redeliver", ID)
    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"penstock: {why}\n")


def test_secret_is_printed_alone(server: FakeServer, penstock: Penstock) -> None:
    server.on("GET /webhooks/v1/secret", Answer({"secret": "whsec_AA==", "create_time": TIME}))
    outcome = penstock("webhooks", "secret")
    assert (outcome.out, outcome.err) == ("whsec_AA==\n", "")


@pytest.mark.parametrize("flags", [(), ("--at-once",)])
def test_rotate_prints_the_new_secret_and_until_when_the_old_one_holds(
    server: FakeServer, penstock: Penstock, flags: tuple[str, ...]
) -> None:
    body = {"secret": "whsec_BB==", "create_time": TIME} | ({} if flags else {"old_expire_time": TIME})
    server.on("POST /webhooks/v1/secret:rotate", Answer(body))
    outcome = penstock("webhooks", "rotate", *flags)
    until = "" if flags else "older secrets sign beside it until 2026-01-02 03:04:05\n"
    assert (outcome.out, outcome.err) == ("whsec_BB==\n", until)
    assert server.requests[0].body == {"at_once": bool(flags)}


@pytest.mark.parametrize(
    ("verb", "address", "may"),
    [
        ("dev", "127.0.0.1", True),
        ("dev", "10.1.2.3", True),
        ("serve", "10.1.2.3", True),
        ("serve", "127.0.0.1", False),
        ("serve", "10.2.0.1", False),
    ],
)
def test_a_server_reaches_what_its_environment_allows_and_dev_this_machine(
    monkeypatch: pytest.MonkeyPatch, verb: str, address: str, may: bool
) -> None:
    monkeypatch.setenv(VARIABLE, "10.1.0.0/16")
    assert webhook_settings(parse([verb])).policy.permits(ip_address(address)) is may


def test_a_network_that_is_none_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "localhost")
    with pytest.raises(UsageError, match=r'PENSTOCK_WEBHOOK_ALLOW: expected networks such as .*, got "localhost"'):
        webhook_settings(parse(["serve"]))
