"""The gRPC face through the tools that people use: the real grpcurl where Go is, buf curl everywhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from grpc_health.v1 import health_pb2

from penstock.wire.types import descriptor_set
from tests.harness import Server

SERVICES = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "penstock.v1.AliasService",
    "penstock.v1.ApiKeyService",
    "penstock.v1.ArtifactService",
    "penstock.v1.AuditService",
    "penstock.v1.BulkOperationService",
    "penstock.v1.ConfigService",
    "penstock.v1.ExecutionService",
    "penstock.v1.FlowService",
    "penstock.v1.ImportService",
    "penstock.v1.InvocationService",
    "penstock.v1.LimitService",
    "penstock.v1.PackageService",
    "penstock.v1.PauseService",
    "penstock.v1.PolicyService",
    "penstock.v1.RetentionService",
    "penstock.v1.SecretService",
    "penstock.v1.UsageService",
    "penstock.v1.WebhookService",
]


def grpcurl_path() -> str:
    """Skips where there is neither grpcurl nor Go to install it with."""
    if found := shutil.which("grpcurl"):
        return found
    if shutil.which("go") is None:
        pytest.skip("neither grpcurl nor go is here")
    gopath = subprocess.run(["go", "env", "GOPATH"], capture_output=True, text=True, check=True).stdout.strip()
    return str(Path(gopath, "bin", "grpcurl"))


def grpcurl(server: Server, *arguments: str, key: str = "") -> subprocess.CompletedProcess[str]:
    header = f"authorization: Bearer {key or server.key}"
    command = [grpcurl_path(), "-plaintext", "-H", header, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def call(server: Server, method: str, request: dict[str, Any]) -> Any:
    address = server.info["grpc_address"]
    done = grpcurl(server, "-d", json.dumps(request), address, method)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_grpcurl_lists_the_services(server: Server) -> None:
    listed = grpcurl(server, server.info["grpc_address"], "list").stdout.split()
    assert [name for name in listed if not name.startswith("flows.")] == SERVICES
    assert {"flows.hello.Hello", "flows.hello.v1.Hello"} <= set(listed)


def test_grpcurl_describes_every_service(server: Server) -> None:
    for service in SERVICES:
        done = grpcurl(server, server.info["grpc_address"], "describe", service)
        assert done.returncode == 0, done.stderr
        assert f"{service} is a service:" in done.stdout


def test_grpcurl_invokes_with_plain_json(server: Server) -> None:
    request = {"flow": "hello", "input": {"name": "Ada"}, "wait": True}
    answer = call(server, "penstock.v1.InvocationService/InvokeFlow", request)
    assert answer["result"]["output"] == {"greeting": "Hello, Ada!"}
    wanted = {"execution_id": answer["execution_id"]}
    execution = call(server, "penstock.v1.ExecutionService/GetExecution", wanted)
    assert execution["status"] == "COMPLETED"


def test_grpcurl_shows_an_error_with_its_details(server: Server) -> None:
    request = {"flow": "hello", "input": {"nme": "Ada"}, "wait": True}
    address = server.info["grpc_address"]
    done = grpcurl(server, "-d", json.dumps(request), address, "penstock.v1.InvocationService/InvokeFlow")
    assert "Code: InvalidArgument" in done.stderr
    assert "input.nme" in done.stderr
    assert "google.rpc.BadRequest" in done.stderr


def test_grpcurl_without_a_key_is_refused(server: Server) -> None:
    done = grpcurl(server, server.info["grpc_address"], "list", key="psk_no_no")
    assert "Unauthenticated" in done.stderr


def test_grpcurl_sees_the_server_healthy_without_a_key(server: Server, tmp_path: Path) -> None:
    types = tmp_path / "health.binpb"
    types.write_bytes(descriptor_set(health_pb2.DESCRIPTOR))
    done = subprocess.run(
        [
            *(grpcurl_path(), "-plaintext", "-protoset", str(types)),
            *(server.info["grpc_address"], "grpc.health.v1.Health/Check"),
        ],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"status": "SERVING"}


def test_buf_curl_invokes_by_both_versions_of_reflection(server: Server) -> None:
    url = f"http://{server.info['grpc_address']}/penstock.v1.InvocationService/InvokeFlow"
    request = json.dumps({"flow": "hello", "input": {"name": "Ada"}, "wait": True})
    buf = Path(sys.executable).parent / "buf"
    key = f"Authorization: Bearer {server.key}"
    for version in ("grpc-v1", "grpc-v1alpha"):
        done = subprocess.run(
            [
                *(str(buf), "curl", "--protocol", "grpc", "--http2-prior-knowledge", "--reflect-protocol", version),
                *("-H", key, "--reflect-header", key, "-d", request, url),
            ],
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["result"]["output"] == {"greeting": "Hello, Ada!"}
