"""The load generator, a process of its own: callers that wait for answers and check each of them.

`python -m bench.load` answers jobs: face ("http" or "grpc"), flow, url (for gRPC HOST:PORT), key, callers,
seconds and, for an open loop, rate. A job with a target is for another engine. A wrong answer ends the process.
"""

from __future__ import annotations

import uvloop
from grpc import aio

from bench.grpc_calls import grpc_call
from bench.http_calls import http_call
from bench.http_client import HttpClient
from bench.jobs import Job, answer_jobs, run_job
from bench.pacing import Figures


async def answer(job: Job) -> Figures:
    if "target" in job:
        from bench.peers.calls import peer_call

        async with HttpClient(job["url"], {}) as client:
            return await run_job(peer_call(client, job["target"], job["flow"], job["url"]), job)
    key = job.get("key", "")
    if job["face"] == "http":
        async with HttpClient(job["url"], {"Authorization": f"Bearer {key}"}) as client:
            return await run_job(http_call(client, job["flow"]), job)
    async with aio.insecure_channel(job["url"]) as channel:
        return await run_job(grpc_call(channel, job["flow"], key, is_typed=job.get("typed", False)), job)


if __name__ == "__main__":
    uvloop.run(answer_jobs(answer))
