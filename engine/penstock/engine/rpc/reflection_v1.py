"""The descriptor of grpc.reflection.v1, which grpcio-reflection does not bring.

v1 and v1alpha are the same on the wire, so v1 is made from v1alpha by its names. It has a pool of its
own: another library in the process may have registered the same file.
"""

from __future__ import annotations

from google.protobuf import text_format
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha import reflection_pb2


def _pool() -> DescriptorPool:
    alpha = FileDescriptorProto.FromString(reflection_pb2.DESCRIPTOR.serialized_pb)
    text = text_format.MessageToString(alpha).replace("grpc.reflection.v1alpha", "grpc.reflection.v1")
    file = text_format.Parse(text, FileDescriptorProto())
    file.name = "grpc/reflection/v1/reflection.proto"
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return pool


POOL = _pool()
"""Holds grpc/reflection/v1/reflection.proto alone."""
