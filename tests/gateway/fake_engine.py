"""An engine that answers as a test tells it to, over every service of the protos."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.services import SERVICES
from penstock.wire.metrics import Family
from penstock.wire.service import OK, Caller, MethodSpec, Readiness
from penstock.wire.status import Code, RpcError

KEYS = {"psk_ada": Caller("ada", "key1"), "psk_bob": Caller("bob", "key2")}
GRAPH_ID = "01JTESTARTIFACT00000000000"


def _hello_file() -> FileDescriptorProto:
    file = FileDescriptorProto(name="hello/messages.proto", package="hello", syntax="proto3")
    kinds = FieldDescriptorProto
    one, many = kinds.LABEL_OPTIONAL, kinds.LABEL_REPEATED
    line = file.message_type.add(name="Line")
    line.field.add(name="quantity", number=1, type=kinds.TYPE_INT32, label=one)
    request = file.message_type.add(name="GreetRequest")
    request.field.add(name="name", number=1, type=kinds.TYPE_STRING, label=one)
    request.field.add(name="lines", number=2, type=kinds.TYPE_MESSAGE, type_name=".hello.Line", label=many)
    greeting = file.message_type.add(name="Greeting")
    greeting.field.add(name="greeting", number=1, type=kinds.TYPE_STRING, label=one)
    return file


DESCRIPTORS = FileDescriptorSet(file=[_hello_file()]).SerializeToString()
_POOL = DescriptorPool()
_POOL.AddSerializedFile(_hello_file().SerializeToString())
GreetRequest: Any = GetMessageClass(_POOL.FindMessageTypeByName("hello.GreetRequest"))
Greeting: Any = GetMessageClass(_POOL.FindMessageTypeByName("hello.Greeting"))


def hello_artifact(graph_id: str = GRAPH_ID) -> Artifact:
    """An artifact in the FULL view, as far as the gateway looks at it."""
    return Artifact(
        graph_id=graph_id,
        flow="hello",
        input_type="hello.GreetRequest",
        output_type="hello.Greeting",
        descriptors=DESCRIPTORS,
    )


@dataclass
class FakeEngine:
    """`answers` says what each method does, by attribute name.

    An answer is a message or an exception, or a function of (request, caller) that gives or awaits one; of a
    stream it is a function that gives an async iterator. `calls` records (attribute, request, caller).
    """

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, Any, Caller]] = field(default_factory=list)
    is_ready: bool = True
    readiness_told: Readiness | None = None
    """What it says of its readiness in place of `is_ready`."""
    authenticated: asyncio.Event = field(default_factory=asyncio.Event)

    async def authenticate(self, key: str | None) -> Caller:
        self.authenticated.set()
        if key is None:
            raise RpcError(Code.UNAUTHENTICATED, "KEY_MISSING", "there is no key")
        if key not in KEYS:
            raise RpcError(Code.UNAUTHENTICATED, "KEY_UNKNOWN", f"no such key as {key}")
        return KEYS[key]

    async def readiness(self) -> Readiness:
        return self.readiness_told or Readiness({"engine": OK if self.is_ready else "the engine rests"})

    async def metrics(self) -> list[Family]:
        return []

    def service(self, name: str) -> Any:
        spec = {service.name: service for service in SERVICES}[name]
        return type(name, (), {method.attribute: staticmethod(self._method(method)) for method in spec.methods})

    def requests(self, attribute: str) -> list[Any]:
        """What the method was called with, in order."""
        return [request for called, request, _ in self.calls if called == attribute]

    def _method(self, spec: MethodSpec) -> Callable[[Any, Caller], Any]:
        def record(request: Any, caller: Caller) -> Any:
            assert type(request) is spec.request
            copy = spec.request()
            copy.CopyFrom(request)
            self.calls.append((spec.attribute, copy, caller))
            return self.answers[spec.attribute]

        async def unary(request: Any, caller: Caller) -> Any:
            answer = record(request, caller)
            if callable(answer):
                answer = answer(request, caller)
                if asyncio.iscoroutine(answer):
                    answer = await answer
            if isinstance(answer, Exception):
                raise answer
            assert type(answer) is spec.response
            return answer

        def stream(request: Any, caller: Caller) -> AsyncIterator[Any]:
            return record(request, caller)(request, caller)

        return stream if spec.server_streaming else unary
