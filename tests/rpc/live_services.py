"""Services of two artifacts that know different messages under one name, served by echoing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import grpc
from google.protobuf import timestamp_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass


def artifact(flow: str, field: str) -> DescriptorPool:
    """The pool of a flow whose message acme.Person, in acme/person.proto, has that one field."""
    pool = DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    person = FileDescriptorProto(
        name="acme/person.proto", package="acme", syntax="proto3", dependency=["google/protobuf/timestamp.proto"]
    )
    message = person.message_type.add(name="Person")
    message.field.add(name=field, number=1, type=FieldDescriptorProto.TYPE_STRING)
    message.field.add(
        name="born", number=2, type=FieldDescriptorProto.TYPE_MESSAGE, type_name=".google.protobuf.Timestamp"
    )
    pool.AddSerializedFile(person.SerializeToString())
    service = FileDescriptorProto(
        name=f"flows/{flow}.proto",
        package=f"flows.{flow}",
        syntax="proto3",
        dependency=["acme/person.proto", "google/protobuf/timestamp.proto"],
    )
    service.service.add(name="Echo").method.add(name="Invoke", input_type=".acme.Person", output_type=".acme.Person")
    pool.AddSerializedFile(service.SerializeToString())
    return pool


class Directory(grpc.GenericRpcHandler):
    """Live services by name; serves each by echoing."""

    def __init__(self, **pools: DescriptorPool) -> None:
        self.live = {f"flows.{flow}.Echo": pool for flow, pool in pools.items()}

    async def of_every_caller(self, context: object) -> Directory:
        return self

    async def services(self) -> Iterable[str]:
        return self.live

    async def pool_for(self, symbol: str) -> DescriptorPool | None:
        return self.live.get(symbol) or self.live.get(symbol.rpartition(".")[0])

    async def pools(self) -> Iterable[DescriptorPool]:
        return reversed(self.live.values())

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any] | None:
        pool = self.live.get(handler_call_details.method.split("/")[1])
        if pool is None:
            return None
        message = GetMessageClass(pool.FindMessageTypeByName("acme.Person"))

        async def echo(request: Any, context: object) -> Any:
            return request

        return grpc.unary_unary_rpc_method_handler(
            echo, request_deserializer=message.FromString, response_serializer=message.SerializeToString
        )
