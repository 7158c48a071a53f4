"""Deliveries from a real database to a real receiver."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest
from aiohttp import web

from penstock.engine.domain.failure import Failure
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.clock import SystemClock
from penstock.engine.storage.postgres.webhook_secrets import WebhookSecrets
from penstock.engine.storage.postgres.webhooks import DeliveryState
from penstock.engine.webhooks.secrets import SigningSecrets
from penstock.engine.webhooks.signing import signature
from tests.harness import ROOT
from tests.webhooks.desk import ACCOUNT, GRAPH_ID, Desk
from tests.webhooks.receiver import WAIT_S, Received, Receiver, answers, breaks, hangs

DELIVERED, RETRYING, FAILED = DeliveryState


async def secrets(desk: Desk) -> list[bytes]:
    stored = SigningSecrets(WebhookSecrets(desk.database, desk.sealer), SystemClock())
    return [row.secret for row in await stored.valid(ACCOUNT)]


def signatures(received: Received, keys: list[bytes]) -> str:
    """What the header of signatures has to be."""
    headers = received.headers
    time_s = int(headers["webhook-timestamp"])
    return " ".join(signature(key, headers["webhook-id"], time_s, received.body) for key in keys)


async def test_a_result_is_delivered_signed_once_and_recorded(desk: Desk, receiver: Receiver) -> None:
    execution_id = await desk.due(receiver.url, {"Authorization": "Bearer token", "X-Mine": "1"})
    receiver.replies = [answers(202, "thanks")]
    await desk.deliver()
    recorded = await desk.recorded()
    [received] = receiver.received
    assert (received.method, received.path) == ("POST", "/hook")
    assert received.json == {
        "type": "execution.completed",
        "timestamp": "2026-01-02T03:04:06.000007Z",
        "data": {
            "execution_id": execution_id,
            "flow": "tea",
            "graph_id": GRAPH_ID,
            "version": 3,
            "status": "COMPLETED",
            "labels": {"team": "blue"},
            "sequence": 4,
            "result": {"output": {"greeting": "Hello, Ada!"}, "success": True, "completed_at": 1767323046},
        },
    }
    headers = received.headers
    assert headers["content-type"] == "application/json"
    assert (headers["authorization"], headers["x-mine"]) == ("Bearer token", "1")
    assert headers["webhook-id"] == f"msg_{execution_id}"
    assert headers["webhook-signature"] == signatures(received, await secrets(desk))
    [listed] = await desk.listed(execution_id)
    assert (listed.number, listed.state, listed.url, listed.status_code) == (1, DELIVERED, receiver.url, 202)
    assert (listed.error, listed.response, listed.next_us) == ("", b"thanks", None)
    assert (listed.delivery_us, listed.duration_us) == (recorded.delivery_us, recorded.duration_us)
    assert not await desk.is_due(execution_id)


@pytest.mark.parametrize(
    ("status", "failure", "code"),
    [
        (ExecutionStatus.FAILED, Failure("NODE_RAISED", "no tea", node="boil", attempt=2), "NODE_RAISED"),
        (ExecutionStatus.TIMED_OUT, Failure("NODE_TIMEOUT", "too slow", node="boil"), "NODE_TIMEOUT"),
        (ExecutionStatus.CANCELLED, None, "CANCELLED"),
    ],
)
async def test_what_did_not_complete_is_delivered_with_its_error(
    desk: Desk, receiver: Receiver, status: ExecutionStatus, failure: Failure | None, code: str
) -> None:
    await desk.due(receiver.url, status=status, failure=failure)
    await desk.deliver()
    message = (await receiver.next()).json
    assert (message["type"], message["data"]["status"]) == (f"execution.{status.name.lower()}", status.name)
    result = message["data"]["result"]
    assert (result["success"], result["error"]["code"], "output" in result) == (False, code, False)
    assert result["error"].get("node") == (failure.node if failure else None)
    await desk.recorded()


async def test_a_failed_try_is_followed_by_another_with_the_same_id_and_body(desk: Desk, receiver: Receiver) -> None:
    execution_id = await desk.due(receiver.url)
    receiver.replies = [answers(500, "no"), breaks]
    await desk.deliver()
    for _ in range(3):
        await desk.recorded()
    assert len({received.headers["webhook-id"] for received in receiver.received}) == 1
    assert len({received.body for received in receiver.received}) == 1
    tries = await desk.listed(execution_id)
    assert [(one.number, one.state, one.status_code) for one in tries] == [
        (1, RETRYING, 500),
        (2, RETRYING, None),
        (3, DELIVERED, 200),
    ]
    assert [one.error for one in tries] == ["the receiver answered 500", "Server disconnected", ""]
    assert tries[0].next_us is not None and tries[0].next_us <= tries[1].delivery_us
    assert not await desk.is_due(execution_id)


async def test_it_is_given_up_after_the_last_try_and_stays_listed(desk: Desk, receiver: Receiver) -> None:
    execution_id = await desk.due(receiver.url)
    receiver.replies = [answers(500)] * 3
    await desk.deliver()
    for _ in range(3):
        await desk.recorded()
    assert [one.state for one in await desk.listed(execution_id)] == [RETRYING, RETRYING, FAILED]
    assert not await desk.is_due(execution_id)


async def test_a_receiver_that_is_gone_gets_no_more_tries(desk: Desk, receiver: Receiver) -> None:
    execution_id = await desk.due(receiver.url)
    receiver.replies = [answers(410)]
    await desk.deliver()
    await desk.recorded()
    assert [(one.state, one.status_code) for one in await desk.listed(execution_id)] == [(FAILED, 410)]
    assert not await desk.is_due(execution_id)


async def test_retry_after_puts_off_the_next_try(desk: Desk, receiver: Receiver) -> None:
    execution_id = await desk.due(receiver.url)
    receiver.replies = [answers(429, headers={"Retry-After": "3600"})]
    await desk.deliver()
    await desk.recorded()
    [listed] = await desk.listed(execution_id)
    assert listed.state is RETRYING and listed.next_us is not None
    assert 3600 <= (listed.next_us - listed.delivery_us) / 1e6 < 3600 + WAIT_S
    assert await desk.is_due(execution_id)


async def test_redirects_are_failures(desk: Desk, receiver: Receiver) -> None:
    execution_id = await desk.due(receiver.url)
    receiver.replies = [answers(307, headers={"Location": "/elsewhere"})]
    await desk.deliver(retries_s=())
    await desk.recorded()
    [listed] = await desk.listed(execution_id)
    assert (listed.state, listed.status_code) == (FAILED, 307)
    assert [received.path for received in receiver.received] == ["/hook"]


async def test_another_delivery_begins_another_round_of_tries(desk: Desk, receiver: Receiver) -> None:
    execution_id = await desk.due(receiver.url)
    receiver.replies = [answers(500)] * 4
    deliverer = await desk.deliver(retries_s=(0.0,))
    for _ in range(2):
        await desk.recorded()
    await desk.webhooks.make_due(execution_id, SystemClock().now_us())
    deliverer.nudge()
    for _ in range(2):
        await desk.recorded()
    await desk.webhooks.make_due(execution_id, SystemClock().now_us())
    deliverer.nudge()
    await desk.recorded()
    states = [one.state for one in await desk.listed(execution_id)]
    assert states == [RETRYING, FAILED, RETRYING, FAILED, DELIVERED]
    assert len({received.headers["webhook-id"] for received in receiver.received}) == 1


async def test_a_delivery_that_is_asked_for_during_a_try_follows_it(desk: Desk, receiver: Receiver) -> None:
    execution_id = await desk.due(receiver.url)
    goes_on = asyncio.Event()

    async def waits(_: web.Request) -> web.StreamResponse:
        await goes_on.wait()
        return web.Response()

    receiver.replies = [waits]
    deliverer = await desk.deliver()
    await receiver.next()
    await desk.webhooks.make_due(execution_id, SystemClock().now_us())
    goes_on.set()
    deliverer.nudge()
    for _ in range(2):
        await desk.recorded()
    assert [one.state for one in await desk.listed(execution_id)] == [DELIVERED, DELIVERED]
    assert not await desk.is_due(execution_id)


async def test_several_processes_deliver_each_result_once(desk: Desk, receiver: Receiver) -> None:
    ids = [await desk.due(receiver.url) for _ in range(60)]
    for _ in range(3):
        await desk.deliver()
    for _ in ids:
        await desk.recorded()
    assert Counter(received.headers["webhook-id"] for received in receiver.received) == Counter(
        f"msg_{execution_id}" for execution_id in ids
    )


async def test_a_slow_receiver_of_one_account_does_not_hold_up_another(desk: Desk, receiver: Receiver) -> None:
    for _ in range(6):
        await desk.due(receiver.url)
    receiver.replies = [hangs] * 4
    deliverer = await desk.deliver(at_once_max=6, at_once_of_account_max=4, stop_s=0.0)
    for _ in range(4):
        await receiver.next()
    other = await desk.due(receiver.url, account="bob")
    deliverer.nudge()
    assert (await receiver.next()).headers["webhook-id"] == f"msg_{other}"
    assert (await desk.recorded()).account == "bob"


async def test_what_is_under_way_when_a_process_stops_is_due_for_the_next(desk: Desk, receiver: Receiver) -> None:
    execution_id = await desk.due(receiver.url)
    receiver.replies = [hangs]
    deliverer = await desk.deliver(stop_s=0.0)
    await receiver.next()
    await deliverer.stop()
    assert await desk.listed(execution_id) == []
    await desk.deliver()
    await desk.recorded()
    assert [one.state for one in await desk.listed(execution_id)] == [DELIVERED]


async def test_a_process_that_is_killed_before_it_records_a_delivery_leaves_it_to_another(
    desk: Desk, receiver: Receiver, database_url: str, tmp_path: Path
) -> None:
    execution_id = await desk.due(receiver.url)
    # One after the other, as the processes of one data directory: they share the master key.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.webhooks.process", database_url, str(tmp_path), "0.5", cwd=ROOT
    )

    async def kills(_: web.Request) -> web.StreamResponse:
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        return web.Response()

    receiver.replies = [kills]
    first = await receiver.next()
    assert await process.wait() == -signal.SIGKILL
    assert await desk.listed(execution_id) == []
    await desk.deliver()
    second = await receiver.next()
    await desk.recorded()
    assert second.headers["webhook-id"] == first.headers["webhook-id"] == f"msg_{execution_id}"
    assert second.body == first.body
    keys = await secrets(desk)
    for received in (first, second):
        assert received.headers["webhook-signature"] == signatures(received, keys)
    assert [one.state for one in await desk.listed(execution_id)] == [DELIVERED]


async def test_what_has_no_webhook_is_looked_at_once(
    desk: Desk, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    without = await desk.due("")
    with_one = await desk.due(receiver.url)
    await desk.deliver(at_once_of_account_max=1)
    assert (await desk.recorded()).execution_id == with_one
    assert not await desk.is_due(without)
    assert "there is nothing to deliver" in caplog.text


async def test_what_has_not_ended_waits_until_it_has(desk: Desk, receiver: Receiver) -> None:
    running = await desk.due(receiver.url)
    set_time = "update executions set webhook_time = %s where execution_id = %s"
    await desk.database.execute(set_time, ("infinity", UUID(running)))
    assert await desk.webhooks.next_due_us([]) is None
    other = await desk.due(receiver.url)
    deliverer = await desk.deliver()
    assert (await desk.recorded()).execution_id == other
    await desk.database.execute(set_time, ("now", UUID(running)))
    deliverer.nudge()
    assert (await desk.recorded()).execution_id == running
    assert len(receiver.received) == 2


async def test_both_secrets_sign_while_they_are_rotated(desk: Desk, receiver: Receiver) -> None:
    [old] = await secrets(desk)
    stored = SigningSecrets(WebhookSecrets(desk.database, desk.sealer), SystemClock())
    new, _ = await stored.rotate(ACCOUNT, at_once=False)
    await desk.due(receiver.url)
    await desk.deliver()
    received = await receiver.next()
    await desk.recorded()
    assert received.headers["webhook-signature"] == signatures(received, [new.secret, old])


async def test_a_host_that_may_not_be_reached_is_a_failed_try(desk: Desk, receiver: Receiver) -> None:
    execution_id = await desk.due("http://10.0.0.1/hook")
    await desk.deliver(retries_s=())
    await desk.recorded()
    [listed] = await desk.listed(execution_id)
    assert (listed.state, listed.status_code) == (FAILED, None)
    assert listed.error == "the host is not on the public internet: webhooks may not reach it"
