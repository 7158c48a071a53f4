"""A whole engine: what it ran is removed when its time has come, and is in the archive."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict

from penstock.cli.main import main
from penstock.engine.app.engine import EngineProcess
from penstock.engine.app.settings import Settings
from penstock.engine.runtime.upkeep.retention import RetentionSettings
from penstock.wire.gen.execution_service_pb2 import GetExecutionRequest, ListExecutionsRequest
from penstock.wire.gen.export_pb2 import ExportExecutionRequest
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest
from penstock.wire.gen.retention_service_pb2 import GetRetentionSweepRequest, RunRetentionSweepRequest
from penstock.wire.status import Code, RpcError
from tests.retention.past import DAY, ManualClock
from tests.webhooks.test_engine import CALLER, publish

_PATIENCE_S = 30


async def test_engine_archives_and_removes_what_it_ran(folder: Path, capsys: Any) -> None:
    archive = folder / "archive"
    # The sweep of a process that has just started waits for a while, unless somebody asks.
    retention = RetentionSettings(poll_s=3_600.0)
    settings = Settings(folder / "data", None, "127.0.0.1", 0, drain_s=1, retention=retention, archive_dir=archive)
    process = EngineProcess(settings)
    await process.start()
    try:
        await publish(process, "hello")
        for _ in range(3):
            ids = [await invoke(process) for _ in range(3)]
            documents = [await export(process, one) for one in ids]
            await sweep_asked_for(process)
            assert await listed(process) == set(ids)
            process.sweeper._clock = in_a_month = ManualClock()
            in_a_month.time_us = process.runtime.clock.now_us() + 31 * DAY
            await sweep_asked_for(process)
            assert await listed(process) == set()
            for one, document in zip(ids, documents, strict=True):
                await assert_gone(process, one)
                [file] = archive.rglob(f"{one}.json.gz")
                assert without_time(json.loads(gzip.decompress(file.read_bytes()))) == without_time(document)
                assert await asyncio.to_thread(main, ["executions", "verify", str(file)]) == 0
            process.sweeper._clock = process.runtime.clock
    finally:
        await process.drain()
        await process.stop()
    assert "nothing was changed since the export" in capsys.readouterr().out


async def sweep_asked_for(process: EngineProcess) -> None:
    service = process.face.service("RetentionService")
    sweep = await service.run_retention_sweep(RunRetentionSweepRequest(), CALLER)
    async with asyncio.timeout(_PATIENCE_S):
        while sweep.state == sweep.RUNNING:
            await asyncio.sleep(0.01)
            sweep = await service.get_retention_sweep(GetRetentionSweepRequest(), CALLER)
    assert sweep.problem == ""


async def invoke(process: EngineProcess) -> str:
    request = ParseDict({"flow": "hello", "input": {"name": "Ada"}, "wait": True}, InvokeFlowRequest())
    answer = await process.face.service("InvocationService").invoke_flow(request, CALLER)
    assert answer.result.success
    return str(answer.execution_id)


async def export(process: EngineProcess, execution_id: str) -> Any:
    request = ExportExecutionRequest(execution_id=execution_id)
    pieces = process.face.service("ExecutionService").export_execution(request, CALLER)
    return json.loads(b"".join([piece.data async for piece in pieces]))


def without_time(document: Any) -> Any:
    """What is the same in every export of an execution."""
    events = [{name: value for name, value in event.items() if name != "hash"} for event in document["events"]]
    told = {name: value for name, value in document.items() if name not in ("export_time", "chain", "signature")}
    return told | {"events": events}


async def listed(process: EngineProcess) -> set[str]:
    answer = await process.face.service("ExecutionService").list_executions(ListExecutionsRequest(), CALLER)
    return {execution.execution_id for execution in answer.executions}


async def assert_gone(process: EngineProcess, execution_id: str) -> None:
    try:
        await process.face.service("ExecutionService").get_execution(
            GetExecutionRequest(execution_id=execution_id), CALLER
        )
    except RpcError as error:
        assert error.code is Code.NOT_FOUND
    else:
        raise AssertionError(f"{execution_id} is there")
