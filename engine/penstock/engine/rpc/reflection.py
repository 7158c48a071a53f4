"""gRPC server reflection, v1 and v1alpha, over services that come and go while the server runs.

Each artifact has a pool of its own, and two of them may hold different messages of one name, or
different files of one path. So every request looks at what is live now, and within one stream a
question goes first to the pool in which the symbol before it was found: a client that asks for a
service and then for its files gets them from one artifact.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.reflection_pb2 import (
    ErrorResponse,
    ExtensionNumberResponse,
    FileDescriptorResponse,
    ListServiceResponse,
    ServerReflectionRequest,
    ServerReflectionResponse,
    ServiceResponse,
)

from penstock.engine.rpc import reflection_v1
from penstock.engine.rpc.calls import Context, abort
from penstock.engine.rpc.decoding import all_decoded
from penstock.wire.status import Code, RpcError

_SERVICES = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")
_PATHS = frozenset(f"/{service}/ServerReflectionInfo" for service in _SERVICES)
_Found = TypeVar("_Found")


class ServiceDirectory(Protocol):
    """The services of live artifacts, as the caller of the running RPC may see them. Asked anew by each request."""

    async def services(self) -> Iterable[str]:
        """Full names of the services."""
        ...

    async def pool_for(self, symbol: str) -> DescriptorPool | None:
        """The pool of the live service that is named so or has a method named so; None when there is none."""
        ...

    async def pools(self) -> Iterable[DescriptorPool]:
        """Pools of live artifacts, those first in which a message of unknown origin should be looked up."""
        ...


DirectoryOf = Callable[[Context], Awaitable[ServiceDirectory]]


class Reflection(grpc.GenericRpcHandler):
    """Answers both versions of the protocol; add it to the server as a generic handler.

    `services` are full names of those whose descriptors are in the default pool. Reflection lists itself.
    `directory_of` gives what the caller of a stream may see, or aborts it.
    """

    def __init__(self, services: Iterable[str], directory_of: DirectoryOf) -> None:
        self._fixed = frozenset(services).union(_SERVICES)
        self._directory_of = directory_of
        self._handler: grpc.RpcMethodHandler[bytes, ServerReflectionResponse] = grpc.stream_stream_rpc_method_handler(
            self._answers,
            response_serializer=ServerReflectionResponse.SerializeToString,
        )

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any] | None:
        return self._handler if handler_call_details.method in _PATHS else None

    async def _answers(self, raws: AsyncIterator[bytes], context: Context) -> AsyncIterator[ServerReflectionResponse]:
        conversation = _Conversation(self._fixed, await self._directory_of(context))
        try:
            async for request in all_decoded(ServerReflectionRequest, raws):
                response = await conversation.answer(request)
                response.valid_host = request.host
                response.original_request.CopyFrom(request)
                yield response
        except RpcError as error:
            await abort(context, error)


class _Conversation:
    """One stream: remembers the pool in which it found the last symbol."""

    def __init__(self, fixed: frozenset[str], directory: ServiceDirectory) -> None:
        self._fixed = fixed
        self._directory = directory
        self._pool: DescriptorPool | None = None

    async def answer(self, request: ServerReflectionRequest) -> ServerReflectionResponse:
        match request.WhichOneof("message_request"):
            case "list_services":
                return await self._list()
            case "file_containing_symbol":
                return await self._file_of_symbol(request.file_containing_symbol)
            case "file_by_filename":
                name = request.file_by_filename
                return _files(name, await self._search(lambda pool: pool.FindFileByName(name)))
            case "file_containing_extension":
                type_name = request.file_containing_extension.containing_type
                number = request.file_containing_extension.extension_number
                file = await self._search(lambda pool: _file_of_extension(pool, type_name, number))
                return _files(f"extension {number} of {type_name}", file)
            case "all_extension_numbers_of_type":
                return await self._extension_numbers(request.all_extension_numbers_of_type)
            case _:
                return _error(Code.INVALID_ARGUMENT, "expected a question, got a request without one")

    async def _list(self) -> ServerReflectionResponse:
        names = sorted(self._fixed.union(await self._directory.services()))
        services = [ServiceResponse(name=name) for name in names]
        return ServerReflectionResponse(list_services_response=ListServiceResponse(service=services))

    async def _file_of_symbol(self, symbol: str) -> ServerReflectionResponse:
        # A service has one origin, whatever the stream asked for before.
        if symbol in self._fixed or symbol.rpartition(".")[0] in self._fixed:
            self._pool = descriptor_pool.Default()
        else:
            self._pool = await self._directory.pool_for(symbol) or self._pool
        return _files(symbol, await self._search(lambda pool: _file_of_symbol(pool, symbol)))

    async def _extension_numbers(self, type_name: str) -> ServerReflectionResponse:
        numbers = await self._search(lambda pool: _extension_numbers(pool, type_name))
        if numbers is None:
            return _error(Code.NOT_FOUND, f"not found: {type_name}")
        answer = ExtensionNumberResponse(base_type_name=type_name, extension_number=numbers)
        return ServerReflectionResponse(all_extension_numbers_response=answer)

    async def _search(self, find: Callable[[DescriptorPool], _Found]) -> _Found | None:
        """What `find`, which raises KeyError, finds first; an artifact's pool in which it did is kept."""
        if self._pool is not None and (found := _try(self._pool, find)) is not None:
            return found
        for pool in (descriptor_pool.Default(), reflection_v1.POOL):
            if (found := _try(pool, find)) is not None:
                return found
        for pool in await self._directory.pools():
            if (found := _try(pool, find)) is not None:
                self._pool = pool
                return found
        return None


def _try(pool: DescriptorPool, find: Callable[[DescriptorPool], _Found]) -> _Found | None:
    try:
        return find(pool)
    except KeyError:
        return None


def _file_of_symbol(pool: DescriptorPool, symbol: str) -> FileDescriptor:
    try:
        return pool.FindFileContainingSymbol(symbol)
    except KeyError:
        # The pool does not count methods among the symbols.
        service, _, method = symbol.rpartition(".")
        return pool.FindServiceByName(service).methods_by_name[method].containing_service.file


def _file_of_extension(pool: DescriptorPool, type_name: str, number: int) -> FileDescriptor:
    extension = pool.FindExtensionByNumber(pool.FindMessageTypeByName(type_name), number)
    return extension.file  # type: ignore[attr-defined, no-any-return]  # the stubs lack it


def _extension_numbers(pool: DescriptorPool, type_name: str) -> list[int]:
    message = pool.FindMessageTypeByName(type_name)
    return sorted(extension.number for extension in pool.FindAllExtensions(message))


def _files(subject: str, file: FileDescriptor | None) -> ServerReflectionResponse:
    if file is None:
        return _error(Code.NOT_FOUND, f"not found: {subject}")
    files = [each.serialized_pb for each in _with_dependencies(file)]
    return ServerReflectionResponse(file_descriptor_response=FileDescriptorResponse(file_descriptor_proto=files))


def _with_dependencies(file: FileDescriptor) -> Iterator[FileDescriptor]:
    """The file itself first, as clients expect, then each file that it needs, once."""
    seen = {file.name}
    files = [file]
    for each in files:
        yield each
        for dependency in each.dependencies:
            if dependency.name not in seen:
                seen.add(dependency.name)
                # The loop goes on over what is appended to its list.
                files.append(dependency)


def _error(code: Code, message: str) -> ServerReflectionResponse:
    return ServerReflectionResponse(error_response=ErrorResponse(error_code=code, error_message=message))
