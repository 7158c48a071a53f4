"""`penstock dev`: everything on this machine, packages recompiled as they change."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from argparse import Namespace
from pathlib import Path

from penstock.cli.dev_flows import DevFlows
from penstock.cli.folders import find_packages
from penstock.cli.server import Server, run_server
from penstock.engine.app.engine import EngineProcess
from penstock.gateway.settings import Settings as GatewaySettings

_ACCOUNT = "default"


def run(args: Namespace) -> int:
    packages = find_packages(args.paths)
    key = ""

    async def settings(engine: EngineProcess) -> GatewaySettings:
        nonlocal key
        key = await _api_key(engine, args.data_dir)
        return GatewaySettings(docs_api_key=key, docs_grpc_address=engine.grpc_address)

    async def dev(server: Server, stop: asyncio.Event) -> None:
        flows = DevFlows(server.engine.face, _ACCOUNT, args.paths)
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
                "mode": type(artifact).Mode.Name(artifact.mode),
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
    lines = [
        "",
        f"  Penstock is ready.  HTTP {server.http_url}   gRPC {server.grpc_address}   API docs {server.http_url}/docs",
        "",
    ]
    for name, artifact in sorted(flows.artifacts.items()):
        is_pipeline = artifact.mode == type(artifact).PIPELINE
        body = json.dumps({"flow": name, "input": flows.example_inputs.get(name, {})} | ({} if is_pipeline else {"wait": True}))
        path = "/invocations/v1/flows/invoke/stream" if is_pipeline else "/invocations/v1/flows/invoke"
        method = "StreamFlow" if is_pipeline else "InvokeFlow"
        lines += [
            f"  {name}  ({type(artifact).Mode.Name(artifact.mode).lower()}, graph_id {artifact.graph_id})",
            f"    curl {'-N ' if is_pipeline else ''}-X POST '{server.http_url}{path}' -H 'Authorization: Bearer {key}'"
            f" -H 'Content-Type: application/json' -d '{_quoted(body)}'",
            f"    grpcurl -plaintext -H 'authorization: Bearer {key}' -d '{_quoted(body)}'"
            f" {server.grpc_address} penstock.v1.InvocationService/{method}",
            "",
        ]
    lines.append("  Ctrl-C stops. Executions survive it, and kill -9 too.")
    print("\n".join(lines), flush=True)
    if not flows.artifacts:
        print("penstock: no flow is compiled yet", file=sys.stderr)


def _quoted(text: str) -> str:
    """Fit for single quotes in a shell."""
    return text.replace("'", "'\\''")
