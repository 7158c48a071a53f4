"""WebhookService: tells how results were delivered, and keeps what they are signed with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from penstock.engine.domain import page
from penstock.engine.domain.errors import Conflict, InvalidArgument, NotFound
from penstock.engine.domain.ids import is_execution_id
from penstock.engine.rpc import requests
from penstock.engine.rpc.messages import duration, timestamp
from penstock.engine.runtime.clock import Clock
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.webhook_secrets import SecretRow, WebhookSecrets
from penstock.engine.storage.postgres.webhooks import Delivery, Position, Webhooks
from penstock.engine.storage.sealing import Sealer
from penstock.engine.webhooks.secrets import SigningSecrets
from penstock.engine.webhooks.signing import secret_text, webhook_id
from penstock.wire.gen import webhook_service_pb2 as pb
from penstock.wire.gen.execution_options_pb2 import ExecutionOptions
from penstock.wire.gen.webhook_delivery_pb2 import WebhookDelivery
from penstock.wire.gen.webhook_secret_pb2 import WebhookSecret
from penstock.wire.service import Caller


class WebhookService:
    """See proto/penstock/v1/webhook_service.proto."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock, nudge: Callable[[], None]) -> None:
        """`nudge` is that of this process's deliverer."""
        self._webhooks = Webhooks(database)
        self._secrets = SigningSecrets(WebhookSecrets(database, sealer), clock)
        self._clock = clock
        self._nudge = nudge

    async def list_webhook_deliveries(
        self, request: pb.ListWebhookDeliveriesRequest, caller: Caller
    ) -> pb.ListWebhookDeliveriesResponse:
        execution_id = ""
        if request.execution_id:
            execution_id = requests.execution_id(request)
            await self._ended_and_options(execution_id, caller)
        size = requests.page_size(request)
        binding = f"webhook deliveries|{caller.account}|{execution_id}"
        after = _position(request.page_token, binding) if request.page_token else None
        found = await self._webhooks.deliveries(caller.account, execution_id, after, size + 1)
        last = found[size - 1] if len(found) > size else None
        return pb.ListWebhookDeliveriesResponse(
            deliveries=map(_message, found[:size]),
            next_page_token=page.encode(f"{last.delivery_us} {last.execution_id} {last.number}", binding)
            if last
            else "",
        )

    async def redeliver_webhook(
        self, request: pb.RedeliverWebhookRequest, caller: Caller
    ) -> pb.RedeliverWebhookResponse:
        execution_id = requests.execution_id(request)
        has_ended, options = await self._ended_and_options(execution_id, caller)
        if not ExecutionOptions.FromString(options).webhook.url:
            raise InvalidArgument(
                "execution_id: expected an execution that was invoked with a webhook, got one without",
                field="execution_id",
                reason="NO_WEBHOOK",
            )
        if not has_ended:
            raise Conflict("the execution has not ended: its result is delivered when it has", reason="NOT_ENDED")
        await self._webhooks.make_due(execution_id, self._clock.now_us())
        self._nudge()
        return pb.RedeliverWebhookResponse(webhook_id=webhook_id(execution_id))

    async def get_webhook_secret(self, request: pb.GetWebhookSecretRequest, caller: Caller) -> WebhookSecret:
        return _secret(await self._secrets.valid(caller.account))

    async def rotate_webhook_secret(self, request: pb.RotateWebhookSecretRequest, caller: Caller) -> WebhookSecret:
        return _secret(await self._secrets.rotate(caller.account, at_once=request.at_once))

    async def _ended_and_options(self, execution_id: str, caller: Caller) -> tuple[bool, bytes]:
        found = await self._webhooks.ended_and_options(execution_id, caller.account)
        if found is None:
            raise NotFound(f"there is no execution {execution_id}")
        return found


def _message(delivery: Delivery) -> WebhookDelivery:
    message = WebhookDelivery(
        execution_id=delivery.execution_id,
        number=delivery.number,
        state=delivery.state.name,
        delivery_time=timestamp(delivery.delivery_us),
        duration=duration(0, delivery.duration_us),
        url=delivery.url,
        status_code=delivery.status_code,
        error=delivery.error,
        response=delivery.response.decode(errors="replace"),
        webhook_id=webhook_id(delivery.execution_id),
    )
    if delivery.next_us is not None:
        message.next_time.CopyFrom(timestamp(delivery.next_us))
    return message


def _secret(valid: Sequence[SecretRow]) -> WebhookSecret:
    newest, *old = valid
    message = WebhookSecret(secret=secret_text(newest.secret), create_time=timestamp(newest.create_us))
    if old:
        message.old_expire_time.CopyFrom(timestamp(max(row.expire_us or 0 for row in old)))
    return message


def _position(token: str, binding: str) -> Position:
    """Raises PageTokenError."""
    words = page.decode(token, binding).split(" ")
    if len(words) == 3 and words[0].isdecimal() and is_execution_id(words[1]) and words[2].isdecimal():
        return Position(int(words[0]), words[1], int(words[2]))
    raise page.PageTokenError("expected the next_page_token of the answer before, got another text")
