"""An engine with its gateway in this process, and callers of both with keys of their own."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from penstock.cli.flow_order import read_file
from penstock.engine.app.engine import EngineProcess
from penstock.engine.app.settings import Settings
from penstock.engine.nodes import archive
from penstock.gateway.app import Gateway
from penstock.wire.gen.services import SERVICES
from penstock.wire.service import MethodSpec
from penstock.wire.status import Code
from tests.clusters import furnish
from tests.harness import Answer, read_events
from tests.rpc.conftest import LoopThread

PACKAGE = Path(__file__).parent / "packages" / "ward"
ACCOUNT = "ward"
WORD = "XYLOPHONE"
"""Stands in what flows through every execution of this package, and nowhere else."""
_PATIENCE_S = 20
ROOM = "ROOM_OF_WARD"
"""Stands in the labels of every execution."""
METHODS = {f"{spec.name}.{method.name}": method for spec in SERVICES for method in spec.methods}


class Refused(Exception):
    """What a call was answered with in place of what it asked for."""

    def __init__(self, code: Code, reason: str, message: str, facts: dict[str, str]) -> None:
        super().__init__(f"{code.name} {reason}: {message}")
        self.code, self.reason, self.message, self.facts = code, reason, message, facts


class Ward:
    """Serves the package in one account; other accounts begin empty."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self._loop = LoopThread()
        self.folder = folder
        self.engine = self.run(self._start(Settings(folder, None, "127.0.0.1", 0, drain_s=1, **settings)))
        self.gateway = Gateway(self.engine.face, "127.0.0.1", 0)
        self.run(self.gateway.start())
        self._channel = grpc.insecure_channel(self.engine.grpc_address)
        self.admin = self.key()

    async def _start(self, settings: Settings) -> EngineProcess:
        furnish(settings.data_dir)
        engine = EngineProcess(settings)
        await engine.start()
        return engine

    def run(self, coroutine: Any) -> Any:
        return self._loop.run(coroutine)

    def stop(self) -> None:
        self._channel.close()
        self.run(self.gateway.stop())
        self.run(self.engine.drain())
        self.run(self.engine.stop())
        self._loop.close()

    def publish(self, account: str = ACCOUNT, package: Path = PACKAGE) -> None:
        publisher = self.engine.face.publisher
        self.run(publisher.publish_package(account, archive.pack(package)))
        for path in sorted(package.glob("flows/*.yaml")):
            flow = read_file(path).flow
            self.run(publisher.compile(account, flow, validate_only=False, allow_breaking=False))

    def key(self, *scopes: str, account: str = ACCOUNT, expire_us: int | None = None) -> str:
        """A new key; without scopes one that may do everything."""
        made = self.engine.face.keys.create(account, "tests", scopes or ("admin",), expire_us=expire_us)
        return str(self.run(made))

    # Calls.

    def ask(self, method: str, request: Message | None = None, key: str | None = "", **fields: Any) -> Any:
        """The answer over gRPC, of a stream the first messages. Raises Refused. `key` "" is that of an admin."""
        spec = METHODS[method]
        sent = request if request is not None else spec.request(**fields)
        metadata = () if key is None else (("authorization", f"Bearer {key or self.admin}"),)
        try:
            return self._call(spec, sent, metadata)
        except grpc.RpcError as error:
            raise _refused(error) from None

    def _call(self, spec: MethodSpec, request: Message, metadata: Any) -> Any:
        read, write = spec.response.FromString, spec.request.SerializeToString
        if not spec.server_streaming:
            return self._channel.unary_unary(spec.path, write, read)(request, metadata=metadata, timeout=_PATIENCE_S)
        with self.streaming(spec, request, metadata) as messages:
            # Some never end.
            return list(islice(messages, 1 if spec.name == "WatchExecutions" else None))

    @contextmanager
    def streaming(self, spec: MethodSpec, request: Message, metadata: Any) -> Iterator[Any]:
        read, write = spec.response.FromString, spec.request.SerializeToString
        call = self._channel.unary_stream(spec.path, write, read)(request, metadata=metadata, timeout=_PATIENCE_S)
        try:
            yield call
        finally:
            call.cancel()

    def http(self, method: str, path: str, body: Any = None, key: str | None = "", **headers: str) -> Answer:
        """`key` "" is that of an admin, None sends none."""
        connection = self._connection()
        sent = {} if key is None else {"Authorization": f"Bearer {key or self.admin}"}
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body)
        try:
            connection.request(method, path, raw, sent | {"Content-Type": "application/json"} | headers)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    @contextmanager
    def events(self, path: str, key: str, url: str | None = None) -> Iterator[Any]:
        """The server-sent events of a GET, of another gateway where `url` is that of one."""
        connection = self._connection(url)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
            yield read_events(connection.getresponse())
        finally:
            connection.close()

    def _connection(self, of: str | None = None) -> http.client.HTTPConnection:
        url = urlsplit(of or self.gateway.url)
        return http.client.HTTPConnection(str(url.hostname), url.port, timeout=_PATIENCE_S)

    def invoke(self, flow: str, **fields: Any) -> Any:
        """The answer of an invocation that holds the word."""
        given = {"flow": flow, "input": {"text": WORD}, "wait": True, "labels": {"room": ROOM}} | fields
        answer = self.http("POST", "/invocations/v1/flows/invoke", given)
        assert answer.status == 202, answer.body
        return answer.json


def _refused(error: Any) -> Refused:
    status = rpc_status.from_call(error)
    if status is None:
        return Refused(Code[error.code().name], "", error.details(), {})
    info = ErrorInfo()
    for detail in status.details:
        detail.Unpack(info)
    return Refused(Code(status.code), info.reason, status.message, dict(info.metadata))
