"""`penstock compile`: publishes packages and compiles their flows."""

from __future__ import annotations

import argparse
import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from penstock.cli.changes import sentences
from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import Refused
from penstock.cli.flow_order import FlowFile, callees_first, read_file
from penstock.cli.folders import find_packages, flow_files
from penstock.cli.local.check import check
from penstock.cli.output import print_json, print_table
from penstock.cli.table import one_line
from penstock.cli.target import find_target
from penstock.cli.trouble import Trouble, report, trouble
from penstock.engine.compiler.uses import packages_of
from penstock.engine.domain.errors import PenstockError
from penstock.engine.nodes.archive import pack
from penstock.engine.nodes.manifest import read_manifest
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow

_COLUMNS = {
    "FLOW": "flow",
    "VERSION": "version",
    "MODE": "mode",
    "GRAPH_ID": "graph_id",
    "SERVICE": "service",
    "INPUT": "input_type",
    "OUTPUT": "output_type",
}


def run(args: argparse.Namespace) -> int:
    """Gives 1 when anything does not compile; what does is compiled all the same."""
    folders = find_packages(args.paths)
    if args.check:
        compiled, troubles = asyncio.run(check(folders))
        artifacts = [_basic(artifact) for artifact in compiled]
    else:
        compiler = _Compiler(Client(find_target()), args.validate_only, args.allow_breaking)
        artifacts, troubles = asyncio.run(compiler.run(folders))
    if args.output == "json":
        problems = [{"path": str(t.path), "problem": problem} for t in troubles for problem in t.problems]
        print_json({"artifacts": artifacts, "problems": problems})
    else:
        _print_artifacts(artifacts)
        _print_changes(artifacts)
        report(troubles)
    return 1 if troubles else 0


class _Compiler:
    """Sends packages and flows to a server."""

    def __init__(self, client: Client, is_validation: bool, allows_breaking: bool) -> None:
        self._client = client
        self._is_validation = is_validation
        self._allows_breaking = allows_breaking
        self._archives: dict[str, str] = {}
        self._artifacts: list[JsonObject] = []
        self._troubles: list[Trouble] = []

    async def run(self, folders: Sequence[Path]) -> tuple[list[JsonObject], list[Trouble]]:
        """All packages first: a flow may use nodes of any of them. Then flows, each after those that it runs."""
        files = [file for folder in folders for file in flow_files(folder)]
        async with self._client:
            for folder in folders:
                await self._guarded(folder, self._send_package(folder))
            for file in callees_first(self._read(files)):
                await self._guarded(file.path, self._send_flow(file.flow))
        return self._artifacts, sorted(self._troubles, key=lambda found: [*folders, *files].index(found.path))

    def _read(self, files: Sequence[Path]) -> list[FlowFile]:
        flows = []
        for file in files:
            try:
                flows.append(read_file(file))
            except PenstockError as error:
                self._troubles.append(trouble(file, error))
        return flows

    async def _guarded(self, path: Path, sending: Awaitable[None]) -> None:
        try:
            await sending
        except (PenstockError, Refused) as error:
            self._troubles.append(trouble(path, error))
            if isinstance(error, Refused) and error.reason == "BREAKING_CHANGE":
                hint = "its callers would break: --allow-breaking compiles it nevertheless"
                self._troubles.append(Trouble(path, (hint,)))

    async def _send_package(self, folder: Path) -> None:
        archive = b64encode(pack(folder)).decode()
        if self._is_validation:
            self._archives[read_manifest(folder).name] = archive
        else:
            await self._client.call("POST", "/packages/v1/packages", body={"archive": archive})

    async def _send_flow(self, flow: Flow) -> None:
        body: JsonObject = {"definition": _json(flow)}
        if self._is_validation:
            used = packages_of(flow)
            body["validate_only"] = True
            body["archives"] = [archive for name, archive in self._archives.items() if name in used]
        if self._allows_breaking:
            body["allow_breaking"] = True
        self._artifacts.append(await self._client.call("POST", f"/flows/v1/flows/{flow.flow}:compile", body=body))


def _json(message: Any) -> JsonObject:
    """A message of the API in the JSON form of the API."""
    return MessageToDict(message, preserving_proto_field_name=True)


def _basic(artifact: Artifact) -> JsonObject:
    """The artifact as a server gives it when it is compiled, as far as it is known without one."""
    full = _json(artifact)
    return {field: full[field] for field in ("flow", "digest", "mode", "input_type", "output_type")}


def _print_artifacts(artifacts: Sequence[JsonObject]) -> None:
    """A table with the columns that any of the artifacts has a value for."""
    columns = [head for head, field in _COLUMNS.items() if any(artifact.get(field) for artifact in artifacts)]
    if columns:
        print_table(columns, [[str(a.get(_COLUMNS[head], "")) for head in columns] for a in artifacts])


def _print_changes(artifacts: Sequence[JsonObject]) -> None:
    """What breaks callers of the flows, one line each."""
    for artifact in artifacts:
        for sentence in sentences(artifact.get("diff") or {}):
            print(one_line(f"{artifact['flow']} {sentence}"))
