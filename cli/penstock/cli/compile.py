"""`penstock compile`: publishes packages and compiles their flows."""

from __future__ import annotations

import argparse
import asyncio
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from penstock.cli.check import check
from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import Refused
from penstock.cli.folders import find_packages, flow_files
from penstock.cli.output import print_json, print_table
from penstock.cli.target import find_target
from penstock.cli.trouble import Trouble, report, trouble
from penstock.engine.compiler.flow_file import read_flow
from penstock.engine.domain.errors import PenstockError
from penstock.engine.nodes.archive import pack
from penstock.wire.gen.artifact_pb2 import Artifact

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
        artifacts, troubles = asyncio.run(_publish(folders, Client(find_target())))
    if args.output == "json":
        problems = [{"path": str(t.path), "problem": problem} for t in troubles for problem in t.problems]
        print_json({"artifacts": artifacts, "problems": problems})
    else:
        _print_artifacts(artifacts)
        report(troubles)
    return 1 if troubles else 0


async def _publish(folders: Sequence[Path], client: Client) -> tuple[list[JsonObject], list[Trouble]]:
    """All packages first: a flow may use nodes of any of them."""
    artifacts: list[JsonObject] = []
    troubles: list[Trouble] = []
    async with client:
        for folder in folders:
            try:
                archive = b64encode(pack(folder)).decode()
                await client.call("POST", "/packages/v1/packages", body={"archive": archive})
            except (PenstockError, Refused) as error:
                troubles.append(trouble(folder, error))
        for file in (file for folder in folders for file in flow_files(folder)):
            try:
                flow = read_flow(file.read_bytes())
                path = f"/flows/v1/flows/{flow.flow}:compile"
                artifacts.append(await client.call("POST", path, body={"definition": _json(flow)}))
            except (PenstockError, Refused) as error:
                troubles.append(trouble(file, error))
    return artifacts, troubles


def _json(message: Any) -> JsonObject:
    """A message of the API in the JSON form of the API."""
    return MessageToDict(message, preserving_proto_field_name=True)


def _basic(artifact: Artifact) -> JsonObject:
    """The artifact as a server gives it when it is compiled, as far as it is known without one."""
    full = _json(artifact)
    return {field: full[field] for field in ("flow", "digest", "mode", "input_type", "output_type")}


def _print_artifacts(artifacts: Sequence[JsonObject]) -> None:
    """A table with the columns that any of the artifacts has a value for."""
    columns = [head for head, field in _COLUMNS.items() if any(field in artifact for artifact in artifacts)]
    if columns:
        print_table(columns, [[str(a.get(_COLUMNS[head], "")) for head in columns] for a in artifacts])
