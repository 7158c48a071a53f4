"""A whole engine: invoked with a webhook, it delivers; restarted, it delivers what it had not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict

from penstock.engine.app.engine import EngineProcess
from penstock.engine.app.settings import Settings
from penstock.engine.compiler.flow_file import read_flow
from penstock.engine.nodes import archive
from penstock.wire.gen.flow_service_pb2 import CompileFlowRequest
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest, InvokeFlowResponse
from penstock.wire.gen.package_service_pb2 import PublishPackageRequest
from penstock.wire.gen.webhook_delivery_pb2 import WebhookDelivery
from penstock.wire.gen.webhook_service_pb2 import ListWebhookDeliveriesRequest
from penstock.wire.service import Caller
from penstock.wire.status import Code, RpcError
from tests.harness import EXAMPLES
from tests.webhooks.desk import ACCOUNT, SETTINGS
from tests.webhooks.receiver import WAIT_S, Receiver, hangs

CALLER = Caller(ACCOUNT, "key of Ada")


@asynccontextmanager
async def engine(folder: Path) -> AsyncIterator[EngineProcess]:
    webhooks = replace(SETTINGS, stop_s=0.0)
    process = EngineProcess(Settings(folder / "data", None, "127.0.0.1", 0, drain_s=1, webhooks=webhooks))
    await process.start()
    try:
        yield process
    finally:
        await process.drain()
        await process.stop()


async def publish(process: EngineProcess, name: str) -> None:
    packages, flows = process.face.service("PackageService"), process.face.service("FlowService")
    folder = EXAMPLES / name
    await packages.publish_package(PublishPackageRequest(archive=archive.pack(folder)), CALLER)
    flow = read_flow((folder / "flows" / f"{name}.yaml").read_bytes())
    await flows.compile_flow(CompileFlowRequest(flow=name, definition=flow), CALLER)


async def invoke(process: EngineProcess, flow: str, given: Any, **webhook: Any) -> InvokeFlowResponse:
    request = ParseDict({"flow": flow, "input": given, "webhook": webhook}, InvokeFlowRequest())
    answer: InvokeFlowResponse = await process.face.service("InvocationService").invoke_flow(request, CALLER)
    return answer


async def delivered(process: EngineProcess, execution_id: str) -> list[WebhookDelivery]:
    """The tries, as soon as one is recorded: that is a moment after the receiver has answered."""
    request = ListWebhookDeliveriesRequest(execution_id=execution_id)
    async with asyncio.timeout(WAIT_S):
        while True:
            answer = await process.face.service("WebhookService").list_webhook_deliveries(request, CALLER)
            if answer.deliveries:
                return list(answer.deliveries)
            await asyncio.sleep(0.01)


async def test_results_are_delivered_as_callers_who_wait_get_them(folder: Path, receiver: Receiver) -> None:
    orders = json.loads((EXAMPLES / "orders" / "input.json").read_text())
    async with engine(folder) as process:
        for name in ("hello", "orders"):
            await publish(process, name)
        for flow, given in (("hello", {"name": "Ada"}), ("orders", orders)):
            answer = await invoke(process, flow, given, url=receiver.url, headers={"X-Order": "17"})
            received = await receiver.next()
            assert received.headers["webhook-id"] == f"msg_{answer.execution_id}"
            assert received.headers["x-order"] == "17"
            data = received.json["data"]
            expected = json.loads((EXAMPLES / flow / "expected.json").read_text())
            assert (data["flow"], data["status"], data["result"]["output"]) == (flow, "COMPLETED", expected)
            [one] = await delivered(process, answer.execution_id)
            assert one.state == WebhookDelivery.DELIVERED
        without = InvokeFlowRequest(flow="hello", wait=True)
        await process.face.service("InvocationService").invoke_flow(without, CALLER)
    assert len(receiver.received) == 2


async def test_what_a_stopped_engine_had_not_delivered_the_next_one_does(folder: Path, receiver: Receiver) -> None:
    receiver.replies = [hangs]
    async with engine(folder) as process:
        await publish(process, "hello")
        answer = await invoke(process, "hello", {"name": "Ada"}, url=receiver.url)
        first = await receiver.next()
    async with engine(folder) as process:
        second = await receiver.next()
        [one] = await delivered(process, answer.execution_id)
    assert (one.number, one.state) == (1, WebhookDelivery.DELIVERED)
    assert (second.headers["webhook-id"], second.body) == (first.headers["webhook-id"], first.body)


async def test_webhooks_that_cannot_be_delivered_are_refused_with_the_invocation(folder: Path) -> None:
    async with engine(folder) as process:
        await publish(process, "hello")
        for webhook, field in (
            ({"url": "http://169.254.169.254/"}, "webhook.url"),
            ({"url": "ftp://example.com/"}, "webhook.url"),
            ({"url": "https://example.com/", "headers": {"Host": "x"}}, "webhook.headers.Host"),
        ):
            with pytest.raises(RpcError) as refused:
                await invoke(process, "hello", {}, **webhook)
            assert refused.value.code is Code.INVALID_ARGUMENT
            assert [violation.field for violation in refused.value.violations] == [field]
