"""Has clients written by a process of its own: nothing of the server may import what writes them."""

from __future__ import annotations

import asyncio
import logging
import sys
from asyncio.subprocess import PIPE, Process

from penstock.gateway import limits
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.status import Code, RpcError

_MODULE = "penstock.codegen.sdk"
_REFUSED, _NOT_INSTALLED = 1, 3

_log = logging.getLogger("penstock.gateway")


class Generator:
    """At most a few at once, for all callers together: each takes a core for a second or more."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(limits.SDK_PROCESSES_MAX)

    async def write(self, artifact: Artifact, language: str, flavour: str) -> bytes:
        """The archive. `artifact` is in the FULL view; `flavour` "" is the language's usual one. Raises RpcError."""
        options = ("--flavour", flavour) if flavour else ()
        async with self._places:
            # -P: what lies in the folder that the server was started in is no part of it.
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", _MODULE, language, *options, stdin=PIPE, stdout=PIPE, stderr=PIPE
            )
            try:
                async with asyncio.timeout(limits.SDK_TIMEOUT_S):
                    written, complaint = await process.communicate(artifact.SerializeToString())
            except TimeoutError:
                raise RpcError(
                    Code.DEADLINE_EXCEEDED, "SDK_TIMEOUT", f"the client was not written in {limits.SDK_TIMEOUT_S:g} s"
                ) from None
            finally:
                await _end(process)
        if process.returncode == 0:
            return written
        raise _refusal(process.returncode, complaint.decode(errors="replace").strip())


async def _end(process: Process) -> None:
    """Of no use any more when it still runs: the caller has left, or the time is up."""
    if process.returncode is None:
        process.kill()
        await process.wait()


def _refusal(code: int | None, complaint: str) -> RpcError:
    lines = complaint.splitlines()
    if code == _NOT_INSTALLED:
        return RpcError(Code.UNIMPLEMENTED, "SDK_NOT_INSTALLED", complaint)
    if code == _REFUSED and len(lines) == 1:
        return RpcError(Code.FAILED_PRECONDITION, "NO_SDK", complaint)
    _log.error("a client could not be written", extra={"action": "gateway.sdk_failed", "output": complaint[-2000:]})
    return RpcError(Code.INTERNAL, "INTERNAL", "internal error")
