"""The engine without a face, a process of its own: callers in its event loop call its services as functions.

`python -m bench.in_process DATA_DIR DATABASE_URL` says "ready", then answers jobs: flow, callers, seconds and, for a
unary flow, access: "admin", "scoped" or "aliased" for callers who bring such a key with each call, "none" for those who
go past the gate. A wrong answer ends the process.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvloop

from bench.bed import PACKAGES
from bench.grpc_calls import expected_output, invocation, streamed
from bench.http_calls import FRAME_COUNT
from bench.jobs import Job, answer_jobs, run_job
from bench.pacing import Call, Figures
from penstock.cli.folders import find_packages
from penstock.cli.serving.dev_flows import DevFlows
from penstock.engine.app.engine import EngineProcess
from penstock.engine.app.settings import Settings
from penstock.engine.rpc.calls import bearer
from penstock.engine.rpc.invocation_service import InvocationService
from penstock.engine.webhooks.egress import EgressPolicy
from penstock.wire.service import Caller

Invoke = Callable[[Any, Caller], Awaitable[Any]]

_CALLER = Caller("default", "bench")


async def main(data_dir: Path, database_url: str) -> None:
    engine = EngineProcess(Settings(data_dir, database_url, "127.0.0.1", 0))
    await engine.start()
    try:
        await DevFlows(engine.face, _CALLER.account, [PACKAGES]).compile_all(find_packages([PACKAGES]))

        async def answer(job: Job) -> Figures:
            return await run_job(await _call(engine, job["flow"], job.get("access", "")), job)

        print("ready", flush=True)
        await answer_jobs(answer)
    finally:
        await engine.stop()


async def _call(engine: EngineProcess, flow: str, access: str) -> Call:
    if flow == "s100":
        return _stream(engine)
    if access == "none":
        # The same settings as the engine's own, which stands behind the gate.
        service = InvocationService(engine.runtime, EgressPolicy())
        return _invoke(service.invoke_flow, flow)
    gated = engine.face.service("InvocationService").invoke_flow
    return _invoke(gated, flow) if not access else await _invoke_with_key(engine, gated, flow, access)


def _stream(engine: EngineProcess) -> Call:
    stream_flow = engine.face.service("InvocationService").stream_flow
    request = streamed()

    async def stream() -> None:
        frames = [frame async for frame in stream_flow(request, _CALLER)]
        assert len(frames) == FRAME_COUNT + 1 and frames[-1].is_final and frames[-1].success, frames

    return stream


def _invoke(invoke_flow: Invoke, flow: str) -> Call:
    request, expected = invocation(flow), expected_output(flow)

    async def invoke() -> None:
        answer = await invoke_flow(request, _CALLER)
        assert answer.result.output_bytes == expected, answer

    return invoke


async def _invoke_with_key(engine: EngineProcess, invoke_flow: Invoke, flow: str, access: str) -> Call:
    scopes = {"admin": "admin", "scoped": f"invoke:{flow}", "aliased": f"invoke:{flow}@live"}
    key = await engine.face.keys.create(_CALLER.account, "bench", (scopes[access],))
    metadata = (("user-agent", "bench"), ("authorization", f"Bearer {key}"))
    request, expected, authenticate = invocation(flow), expected_output(flow), engine.face.authenticate

    async def invoke() -> None:
        answer = await invoke_flow(request, await authenticate(bearer(metadata)))
        assert answer.result.output_bytes == expected, answer

    return invoke


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), sys.argv[2]))
