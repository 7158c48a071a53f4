"""Runs a flow of a package folder in an engine of its own."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from penstock.cli.client import JsonObject
from penstock.cli.errors import CliError
from penstock.cli.human import ending
from penstock.cli.local.exec_pauses import Pauses
from penstock.cli.local.exec_publish import publish
from penstock.cli.local.exec_updates import updates
from penstock.cli.output import print_json, print_json_line
from penstock.cli.runs.display import display
from penstock.cli.runs.follow import Update
from penstock.cli.sources import Sources
from penstock.cli.trouble import report
from penstock.engine.app.data_dir import DataDirInUse
from penstock.engine.app.engine import EngineProcess
from penstock.engine.app.settings import Settings
from penstock.engine.domain.errors import PenstockError
from penstock.engine.rpc.face import Face
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest
from penstock.wire.json import JsonError
from penstock.wire.service import Caller
from penstock.wire.status import RpcError
from penstock.wire.types import TypePool

_CALLER = Caller("default", "exec", key_name="penstock exec")


@dataclass(frozen=True, slots=True)
class Order:
    """What to run. `approves` is whether every pause is approved."""

    sources: Sources
    given: JsonObject
    data_dir: Path
    database_url: str
    approves: bool


async def run_once(order: Order) -> int:
    """Prints the output, or the frames. Gives 1 when something does not compile, raises CliError when the run fails."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        async with _engine(order) as face:
            artifact, troubles = await publish(face, _CALLER, order.sources)
            if artifact is None:
                report(troubles)
                return 1
            await _run(face, artifact, order)
    except (PenstockError, RpcError, DataDirInUse) as error:
        raise CliError(str(error)) from error
    return 0


@asynccontextmanager
async def _engine(order: Order) -> AsyncIterator[Face]:
    engine = EngineProcess(Settings(order.data_dir, order.database_url, None, 0))
    await engine.start()
    try:
        yield engine.face
    finally:
        await engine.stop()


async def _run(face: Face, artifact: Artifact, order: Order) -> None:
    types = TypePool(artifact.descriptors)
    try:
        message = types.json.decoder(types.descriptor(artifact.input_type))(order.given)
    except JsonError as error:
        raise CliError(str(error.under("input"))) from error
    request = InvokeFlowRequest(graph_id=artifact.graph_id, input_bytes=message.SerializeToString())
    execution_id = await face.start_flow(request, _CALLER)
    is_pipeline = artifact.mode == Artifact.PIPELINE
    encode = types.json.encoder(types.descriptor(artifact.output_type))
    payload_class = types.message(artifact.output_type)
    pauses = Pauses(face, _CALLER, order.approves)
    output: object = None
    end: JsonObject = {}
    async with _progress() as show, aclosing(updates(face, _CALLER, execution_id)) as log:
        async for whose, update, payload in log:
            await pauses.see(whose, update)
            if whose != execution_id:
                continue
            show(update)
            if update.is_end:
                end = update.data
            elif update.kind == "frame" and "payload_bytes" in update.data:
                output = encode(payload_class.FromString(payload))
                if is_pipeline:
                    print_json_line(output)
    if end["status"] != "COMPLETED":
        raise CliError(ending(execution_id, end["status"], end.get("error")))
    if not is_pipeline:
        print_json(output)


@asynccontextmanager
async def _progress() -> AsyncIterator[Callable[[Update], None]]:
    """Shows a person what goes on. Nobody else is told but of the end."""
    if not sys.stderr.isatty():
        yield lambda update: None
        return
    async with display(sys.stderr) as show:
        yield show
