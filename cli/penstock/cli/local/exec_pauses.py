"""What becomes of a run that waits for somebody outside, where nobody is but the one who started it."""

from __future__ import annotations

import sys

from penstock.cli.errors import CliError
from penstock.cli.runs.follow import Update
from penstock.cli.serving.console import say
from penstock.cli.table import one_line
from penstock.engine.rpc.face import Face
from penstock.wire.gen.pause_pb2 import Pause
from penstock.wire.gen.pause_service_pb2 import ApprovePauseRequest, ListPausesRequest
from penstock.wire.service import Caller
from penstock.wire.status import Code, RpcError


class Pauses:
    """Approves pauses, or ends the run with them."""

    def __init__(self, face: Face, caller: Caller, approves: bool) -> None:
        self._service = face.service("PauseService")
        self._caller = caller
        self._approves = approves

    async def see(self, execution_id: str, update: Update) -> None:
        """Looks at what was recorded of an execution.

        Raises CliError when it is PAUSED and nobody approves, and when a pause cannot be approved.
        """
        data = update.data
        if update.kind == "status" and data["status"] == "PAUSED" and not self._approves:
            raise await self._paused(execution_id, data["flow"])
        if update.kind != "node" or data["type"] != "NODE_WAITING":
            return
        if data.get("wait") in ("PAUSE", "APPROVAL") and self._approves:
            await self._approve(execution_id, data["node"])
        elif data.get("wait") == "SIGNAL":
            signal = data.get("signal", "")
            say(f"penstock: {data['node']} waits for the signal {signal}, which nobody can send here", sys.stderr)

    async def _approve(self, execution_id: str, pause: str) -> None:
        try:
            await self._service.approve_pause(ApprovePauseRequest(execution_id=execution_id, pause=pause), self._caller)
        except RpcError as error:
            # Its own timeout was faster, or it ended.
            if error.code is not Code.FAILED_PRECONDITION:
                raise CliError(f"pause {pause} cannot be approved: {error}") from error

    async def _paused(self, execution_id: str, flow: str) -> CliError:
        listed = await self._service.list_pauses(ListPausesRequest(execution_id=execution_id), self._caller)
        asked = [
            f'{pause.pause}: "{one_line(pause.prompt)}"' if pause.prompt else pause.pause
            for pause in listed.pauses
            if pause.state == Pause.OPEN
        ]
        hint = "--approve approves every pause; `penstock dev` runs it where people decide"
        return CliError(f"flow {flow} is PAUSED until a person decides {', '.join(asked)}; {hint}")
