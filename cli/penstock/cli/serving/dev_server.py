"""The server of `penstock dev`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from penstock.cli.serving.console import say
from penstock.cli.serving.dev_flows import DevFlows
from penstock.cli.serving.proxy_settings import trusted_proxies
from penstock.cli.serving.server import Server, run_server
from penstock.engine.app.engine import EngineProcess
from penstock.gateway.settings import Settings as GatewaySettings
from penstock.wire.gen.artifact_pb2 import Artifact

_ACCOUNT = "default"
_SETTLE_S = 0.5


def run_dev(args: Namespace, packages: Sequence[Path]) -> int:
    """Serves these packages until it is told to stop. Gives the exit code. Raises CliError."""
    key = ""

    async def settings(engine: EngineProcess) -> GatewaySettings:
        nonlocal key
        key = await _api_key(engine, args.data_dir)
        return GatewaySettings(
            docs_api_key=key, docs_grpc_address=engine.grpc_address, trusted_proxies=trusted_proxies()
        )

    async def dev(server: Server, stop: asyncio.Event) -> None:
        flows = DevFlows(server.engine.face, _ACCOUNT, args.paths)
        # What was left behind goes first: compiling would slow it by as much as it takes.
        await server.engine.runtime.settle(_SETTLE_S)
        await flows.compile_all(packages)
        file = args.data_dir / "dev.json"
        write_dev_file(file, server, key, flows)
        _greet(server, key, flows)
        try:
            await flows.watch(stop, lambda: write_dev_file(file, server, key, flows))
        finally:
            file.unlink(missing_ok=True)

    return run_server(args, settings, dev)


async def _api_key(engine: EngineProcess, data_dir: Path) -> str:
    """The key of this data directory; made at its first start, and again when the database does not know it."""
    file = data_dir / "api_key"
    if file.exists():
        key = file.read_text().strip()
        if await engine.face.keys.is_known(key):
            return key
    key = await engine.face.keys.create(_ACCOUNT, "penstock dev")
    _write_privately(file, key)
    return key


def write_dev_file(file: Path, server: Server, key: str, flows: DevFlows) -> None:
    """Atomically: who reads it never sees half of it."""
    content = {
        "pid": os.getpid(),
        "http_url": server.http_url,
        "grpc_address": server.grpc_address,
        "api_key": key,
        "flows": {
            name: {
                "graph_id": artifact.graph_id,
                "mode": Artifact.Mode.Name(artifact.mode),
                "service": artifact.service,
            }
            for name, artifact in sorted(flows.artifacts.items())
        },
    }
    _write_privately(file, json.dumps(content, indent=1) + "\n")


def _write_privately(file: Path, text: str) -> None:
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    draft.rename(file)


def _greet(server: Server, key: str, flows: DevFlows) -> None:
    http, grpc = server.http_url, server.grpc_address
    lines = ["", f"  Penstock is ready.  HTTP {http}   gRPC {grpc}   API docs {http}/docs", ""]
    for name, artifact in sorted(flows.artifacts.items()):
        mode = Artifact.Mode.Name(artifact.mode).lower()
        lines.append(f"  {name}  ({mode}, graph_id {artifact.graph_id})")
        lines.append(f"    docs {http}/flows/{name}/docs")
        lines += [f"    {recipe}" for recipe in _recipes(server, key, artifact, flows.example_inputs.get(name, {}))]
        lines.append("")
    lines.append("  Ctrl-C stops. Executions survive it, and kill -9 too.")
    say("\n".join(lines))
    if not flows.artifacts:
        say("penstock: no flow is compiled yet", sys.stderr)


def _recipes(server: Server, key: str, artifact: Artifact, example: object) -> tuple[str, str]:
    """A curl and a grpcurl line that are ready to paste."""
    if artifact.mode == Artifact.PIPELINE:
        flags, path, method = "-N ", "/invocations/v1/flows/invoke/stream", "StreamFlow"
        request = {"flow": artifact.flow, "input": example}
    else:
        flags, path, method = "", "/invocations/v1/flows/invoke", "InvokeFlow"
        request = {"flow": artifact.flow, "input": example, "wait": True}
    body = json.dumps(request).replace("'", "'\\''")
    return (
        f"curl {flags}-X POST '{server.http_url}{path}' -H 'Authorization: Bearer {key}'"
        f" -H 'Content-Type: application/json' -d '{body}'",
        f"grpcurl -plaintext -H 'authorization: Bearer {key}' -d '{body}'"
        f" {server.grpc_address} penstock.v1.InvocationService/{method}",
    )
