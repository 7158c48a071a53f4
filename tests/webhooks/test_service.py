"""WebhookService on a real database."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID, uuid4

import pytest

from penstock.engine.domain.errors import Conflict, InvalidArgument, NotFound
from penstock.engine.domain.page import PageTokenError
from penstock.engine.rpc.settings.webhook_service import WebhookService
from penstock.engine.runtime.clock import SystemClock
from penstock.wire.gen.webhook_delivery_pb2 import WebhookDelivery
from penstock.wire.gen.webhook_service_pb2 import (
    GetWebhookSecretRequest,
    ListWebhookDeliveriesRequest,
    RedeliverWebhookRequest,
    RotateWebhookSecretRequest,
)
from penstock.wire.service import Caller
from tests.webhooks.desk import ACCOUNT, Desk
from tests.webhooks.receiver import Receiver, answers

ADA, BOB = Caller(ACCOUNT, "key of Ada"), Caller("bob", "key of Bob")


class Nudged:
    """How often the deliverer was told to look."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def service(desk: Desk, nudge: Any = None) -> WebhookService:
    return WebhookService(desk.database, desk.sealer, SystemClock(), nudge or Nudged())


async def listed(webhooks: WebhookService, caller: Caller = ADA, **fields: Any) -> tuple[list[WebhookDelivery], str]:
    answer = await webhooks.list_webhook_deliveries(ListWebhookDeliveriesRequest(**fields), caller)
    return list(answer.deliveries), answer.next_page_token


async def test_tries_are_listed_newest_first_page_by_page(desk: Desk, receiver: Receiver) -> None:
    webhooks = service(desk)
    deliverer = await desk.deliver()
    ids = []
    for account in (ACCOUNT, "bob", ACCOUNT):
        receiver.replies = [answers(500, "näh\0")]
        ids.append(await desk.due(receiver.url, account=account))
        deliverer.nudge()
        for _ in range(2):
            await desk.recorded()
    whole, token = await listed(webhooks)
    assert (len(whole), token) == (4, "")
    times = [(one.delivery_time.ToMicroseconds(), one.execution_id, one.number) for one in whole]
    assert times == sorted(times, reverse=True)
    paged, token = await listed(webhooks, page_size=3)
    rest, end = await listed(webhooks, page_size=3, page_token=token)
    assert ([*paged, *rest], end) == (whole, "")
    of_one, _ = await listed(webhooks, execution_id=ids[0])
    assert of_one == [one for one in whole if one.execution_id == ids[0]]
    assert [(one.number, one.state) for one in of_one] == [
        (2, WebhookDelivery.DELIVERED),
        (1, WebhookDelivery.RETRYING),
    ]
    last, first = of_one
    assert (first.status_code, first.error, first.response) == (500, "the receiver answered 500", "näh\0")
    assert (first.url, first.webhook_id) == (receiver.url, f"msg_{ids[0]}")
    assert first.next_time.ToMicroseconds() <= last.delivery_time.ToMicroseconds()
    assert not last.HasField("next_time")
    with pytest.raises(PageTokenError):
        await listed(webhooks, BOB, page_token=token)


async def test_what_another_account_delivered_is_not_there(desk: Desk, receiver: Receiver) -> None:
    webhooks = service(desk)
    execution_id = await desk.due(receiver.url)
    await desk.deliver()
    await desk.recorded()
    assert await listed(webhooks, BOB) == ([], "")
    for request in (execution_id, uuid4().hex, "nonsense"):
        with pytest.raises(NotFound):
            await listed(webhooks, BOB, execution_id=request)
        with pytest.raises(NotFound):
            await webhooks.redeliver_webhook(RedeliverWebhookRequest(execution_id=request), BOB)


async def test_a_delivery_that_is_asked_for_again_comes_under_the_same_id(desk: Desk, receiver: Receiver) -> None:
    execution_id = await desk.due(receiver.url)
    deliverer = await desk.deliver()
    await desk.recorded()
    webhooks = service(desk, deliverer.nudge)
    answer = await webhooks.redeliver_webhook(RedeliverWebhookRequest(execution_id=execution_id), ADA)
    await desk.recorded()
    assert [received.headers["webhook-id"] for received in receiver.received] == [answer.webhook_id] * 2


async def test_a_delivery_of_what_has_not_ended_or_has_no_webhook_is_refused(desk: Desk, receiver: Receiver) -> None:
    nudge = Nudged()
    webhooks = service(desk, nudge)
    without, running = await desk.due(""), await desk.due(receiver.url)
    await desk.database.execute(
        "update executions set status = 2, complete_time = null, webhook_time = null where execution_id = %s",
        (UUID(running),),
    )
    with pytest.raises(InvalidArgument) as refused:
        await webhooks.redeliver_webhook(RedeliverWebhookRequest(execution_id=without), ADA)
    assert (refused.value.reason, refused.value.field) == ("NO_WEBHOOK", "execution_id")
    with pytest.raises(Conflict) as early:
        await webhooks.redeliver_webhook(RedeliverWebhookRequest(execution_id=running), ADA)
    assert early.value.reason == "NOT_ENDED"
    assert not await desk.is_due(running)
    assert nudge.count == 0


async def test_the_secret_is_that_of_the_account_and_is_rotated(desk: Desk) -> None:
    webhooks = service(desk)
    first = await webhooks.get_webhook_secret(GetWebhookSecretRequest(), ADA)
    assert first == await webhooks.get_webhook_secret(GetWebhookSecretRequest(), ADA)
    assert len(base64.b64decode(first.secret.removeprefix("whsec_"), validate=True)) == 32
    assert not first.HasField("old_expire_time")
    assert (await webhooks.get_webhook_secret(GetWebhookSecretRequest(), BOB)).secret != first.secret
    second = await webhooks.rotate_webhook_secret(RotateWebhookSecretRequest(), ADA)
    assert second.secret != first.secret
    day_us = second.old_expire_time.ToMicroseconds() - second.create_time.ToMicroseconds()
    assert day_us == 24 * 3600 * 1_000_000
    third = await webhooks.rotate_webhook_secret(RotateWebhookSecretRequest(at_once=True), ADA)
    assert third == await webhooks.get_webhook_secret(GetWebhookSecretRequest(), ADA)
    assert not third.HasField("old_expire_time")
