"""The engine without a face, a process of its own: callers in its event loop call its services as functions.

`python -m bench.in_process DATA_DIR DATABASE_URL` says "ready", then answers jobs: flow, callers, seconds. A wrong
answer ends the process.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvloop

from bench.bed import PACKAGES
from bench.grpc_calls import expected_output, invocation, streamed
from bench.http_calls import FRAME_COUNT
from bench.jobs import Job, answer_jobs, run_job
from bench.pacing import Call, Figures
from penstock.cli.dev_flows import DevFlows
from penstock.cli.folders import find_packages
from penstock.engine.app.engine import EngineProcess
from penstock.engine.app.settings import Settings
from penstock.wire.service import Caller

_CALLER = Caller("default", "bench")


async def main(data_dir: Path, database_url: str) -> None:
    engine = EngineProcess(Settings(data_dir, database_url, "127.0.0.1", 0))
    await engine.start()
    try:
        await DevFlows(engine.face, _CALLER.account, [PACKAGES]).compile_all(find_packages([PACKAGES]))

        async def answer(job: Job) -> Figures:
            return await run_job(_call(engine, job["flow"]), job)

        print("ready", flush=True)
        await answer_jobs(answer)
    finally:
        await engine.stop()


def _call(engine: EngineProcess, flow: str) -> Call:
    return _stream(engine) if flow == "s100" else _invoke(engine, flow)


def _stream(engine: EngineProcess) -> Call:
    stream_flow = engine.face.service("InvocationService").stream_flow
    request = streamed()

    async def stream() -> None:
        frames = [frame async for frame in stream_flow(request, _CALLER)]
        assert len(frames) == FRAME_COUNT + 1 and frames[-1].is_final and frames[-1].success, frames

    return stream


def _invoke(engine: EngineProcess, flow: str) -> Call:
    invoke_flow = engine.face.service("InvocationService").invoke_flow
    request, expected = invocation(flow), expected_output(flow)

    async def invoke() -> None:
        answer = await invoke_flow(request, _CALLER)
        assert answer.result.output_bytes == expected, answer

    return invoke


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), sys.argv[2]))
