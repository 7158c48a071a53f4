"""Delivers the results of executions that have a webhook: at least once, in any process, whichever dies meanwhile.

What is due stands in the database. Claiming it moves the time when it is due: if this process dies, it is due again
then, and whoever looks first delivers it, with the same webhook-id.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from time import monotonic

from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.errors import PenstockError, StoreUnavailable
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.programs.catalog import Catalog
from penstock.engine.storage.data_keys import DataKey
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.executions import Executions
from penstock.engine.storage.postgres.webhook_secrets import WebhookSecrets
from penstock.engine.storage.postgres.webhooks import Claim, Delivery, DeliveryState, Webhooks
from penstock.engine.storage.sealing import Sealer
from penstock.engine.webhooks.counts import DeliveryCounts
from penstock.engine.webhooks.message import message_body
from penstock.engine.webhooks.resolving import LookUp, system_look_up
from penstock.engine.webhooks.retries import Answer, pause_s
from penstock.engine.webhooks.secrets import SigningSecrets
from penstock.engine.webhooks.sending import Sender
from penstock.engine.webhooks.settings import WebhookSettings
from penstock.engine.webhooks.signing import signed_headers, webhook_id
from penstock.wire.gen.execution_options_pb2 import ExecutionOptions
from penstock.wire.gen.webhook_pb2 import Webhook

log = logging.getLogger(__name__)

_RANDOM = random.SystemRandom()
_SOON_S = 0.05


class WebhookDeliverer:
    """One a process. `start` and `stop` in one event loop."""

    def __init__(
        self,
        database: Database,
        executions: Executions,
        catalog: Catalog,
        clock: Clock,
        settings: WebhookSettings,
        sealer: Sealer,
        look_up: LookUp = system_look_up,
    ) -> None:
        self._webhooks = Webhooks(database)
        self._secrets = SigningSecrets(WebhookSecrets(database, sealer), clock)
        self._executions = executions
        self._catalog = catalog
        self._clock = clock
        self._settings = settings
        self._look_up = look_up
        # Made when it is first needed: reading the certificates of the machine would make every start longer.
        self._sender: Sender | None = None
        self._loop_task: asyncio.Task[None]
        self._under_way: dict[asyncio.Task[None], Claim] = {}
        self._news = asyncio.Event()
        self._is_stopping = False
        self.counts = DeliveryCounts()

    @property
    def under_way_count(self) -> int:
        return len(self._under_way)

    async def start(self) -> None:
        self._loop_task = asyncio.create_task(self._deliver_what_is_due(), name="webhooks")

    async def stop(self) -> None:
        """Lets tries that are under way end, for a moment; the others are due at once for other processes."""
        self._is_stopping = True
        self._news.set()
        # Not cancelled at once: what it is claiming would be due only when the claim runs out.
        await asyncio.wait([self._loop_task], timeout=self._settings.stop_s)
        self._loop_task.cancel()
        await asyncio.gather(self._loop_task, return_exceptions=True)
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self._settings.stop_s)
        left = dict(self._under_way)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._give_back(list(left.values()))
        if self._sender is not None:
            await self._sender.close()

    def nudge(self) -> None:
        """Has it look at once: an execution with a webhook has ended, or somebody wants it delivered again."""
        self._news.set()

    async def _deliver_what_is_due(self) -> None:
        while not self._is_stopping:
            # Before it looks: what comes while it does is looked at in the next round.
            self._news.clear()
            wait_s = self._settings.poll_s
            try:
                wait_s = await self._round()
            except StoreUnavailable as error:
                log.warning("webhooks wait", extra={"action": "webhooks_wait", "error": str(error)})
            except Exception:
                # Whatever it is: a process that stops looking delivers nothing any more.
                log.exception("webhooks wait", extra={"action": "webhooks_wait"})
            if wait_s > 0 and not self._is_stopping:
                await self._wait(wait_s)

    async def _round(self) -> float:
        """Begins to deliver a lot of what is due. Gives the seconds until it is worth to look again."""
        settings = self._settings
        room = settings.at_once_max - len(self._under_way)
        if room <= 0:
            return settings.poll_s
        counts = Counter(claim.row.account for claim in self._under_way.values())
        busy = sorted(account for account, count in counts.items() if count >= settings.at_once_of_account_max)
        now_us = self._clock.now_us()
        until_us = now_us + round(settings.claim_s * 1_000_000)
        # One account may take all of a lot: half of its part at a time leaves room for the others.
        lot = min(room, max(1, settings.at_once_of_account_max // 2))
        claims = await self._webhooks.claim(now_us, until_us, busy, lot)
        for claim in claims:
            task = asyncio.create_task(self._deliver(claim), name=f"webhook {claim.row.execution_id}")
            self._under_way[task] = claim
            task.add_done_callback(self._ended)
        if claims:
            return 0.0
        due_us = await self._webhooks.next_due_us(busy)
        if due_us is None:
            return settings.poll_s
        # What is due already became so just now, or is being claimed by another process.
        due_s = (due_us - self._clock.now_us()) / 1_000_000
        return min(max(due_s, _SOON_S), settings.poll_s)

    async def _wait(self, wait_s: float) -> None:
        try:
            async with asyncio.timeout(wait_s):
                await self._news.wait()
        except TimeoutError:
            return

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        # There is a place again.
        self._news.set()

    async def _deliver(self, claim: Claim) -> None:
        try:
            webhook = ExecutionOptions.FromString(claim.row.options or b"").webhook
            if not webhook.url or not claim.row.status.is_terminal:
                log.error(
                    "there is nothing to deliver",
                    extra={"action": "webhook_without_reason", "execution_id": claim.row.execution_id},
                )
                await self._webhooks.drop(claim)
                return
            began_us, began = self._clock.now_us(), monotonic()
            answer = await self._try(claim, webhook, began_us)
            took_us = round((monotonic() - began) * 1_000_000)
            delivery = await self._delivery(claim, webhook, answer, began_us, took_us)
            self.counts.add(delivery)
            await self._webhooks.record(claim, delivery, await self._data_key(claim, answer))
        except StoreUnavailable as error:
            # The claim runs out by itself.
            log.warning(
                "a webhook is delivered again: it could not be recorded",
                extra={"action": "webhook_again", "execution_id": claim.row.execution_id, "error": str(error)},
            )
        except Exception:
            log.exception(
                "a webhook was not recorded",
                extra={"action": "webhook_failed", "execution_id": claim.row.execution_id},
            )

    async def _try(self, claim: Claim, webhook: Webhook, now_us: int) -> Answer:
        """One try. Raises StoreUnavailable; everything else that goes wrong is in the answer."""
        try:
            body = await self._body(claim)
            secrets = [row.secret for row in await self._secrets.valid(claim.row.account)]
        except StoreUnavailable:
            raise
        except PenstockError as error:
            return Answer(None, f"the message could not be made: {error.reason}")
        except Exception:
            log.exception(
                "the message of a webhook could not be made",
                extra={"action": "webhook_not_made", "execution_id": claim.row.execution_id},
            )
            return Answer(None, "the message could not be made: INTERNAL")
        signed = signed_headers(secrets, webhook_id(claim.row.execution_id), now_us // 1_000_000, body)
        headers = {**webhook.headers, "Content-Type": "application/json", **signed}
        if self._sender is None:
            self._sender = Sender(self._settings, self._look_up)
        return await self._sender.send(webhook.url, headers, body)

    async def _body(self, claim: Claim) -> bytes:
        row = claim.row
        program = await self._catalog.program(row.account, row.graph_id)
        output = None
        if row.status is ExecutionStatus.COMPLETED and program.mode is Mode.UNARY:
            checkpoint = await self._executions.checkpoint(row.execution_id, program.graph.terminal)
            output = checkpoint.payload if checkpoint is not None else None
        return message_body(row, program, output)

    async def _data_key(self, claim: Claim, answer: Answer) -> DataKey | None:
        """Seals what the receiver answered, which may repeat what it was sent; None when nothing has to be."""
        if not answer.body:
            return None
        return (await self._catalog.program(claim.row.account, claim.row.graph_id)).sealing_key()

    async def _delivery(self, claim: Claim, webhook: Webhook, answer: Answer, began_us: int, took_us: int) -> Delivery:
        state, next_us = DeliveryState.DELIVERED, None
        if not answer.is_success:
            tries = await self._webhooks.tries(claim.row.execution_id) + 1
            spread = 1 + _RANDOM.uniform(-1, 1) * self._settings.jitter
            now_us = self._clock.now_us()
            pause = pause_s(answer, tries, self._settings.retries_s, spread, now_us)
            state = DeliveryState.FAILED if pause is None else DeliveryState.RETRYING
            next_us = None if pause is None else now_us + round(pause * 1_000_000)
        return Delivery(
            execution_id=claim.row.execution_id,
            account=claim.row.account,
            state=state,
            delivery_us=began_us,
            duration_us=took_us,
            url=webhook.url,
            status_code=answer.status_code,
            error=answer.error,
            response=answer.body,
            next_us=next_us,
        )

    async def _give_back(self, claims: list[Claim]) -> None:
        try:
            await self._webhooks.give_back(claims, self._clock.now_us())
        except StoreUnavailable as error:
            log.warning("webhooks are due later", extra={"action": "webhooks_kept", "error": str(error)})
