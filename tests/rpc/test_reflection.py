"""Reflection over services that come and go, asked by grpcurl and by a raw client of both versions."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from google.api import annotations_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha.reflection_pb2 import (
    ErrorResponse,
    ExtensionRequest,
    ServerReflectionRequest,
    ServerReflectionResponse,
)

from penstock.engine.rpc.reflection import Reflection
from tests.rpc.live_services import Directory, artifact

GRPCURL = "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3"
V1 = "grpc.reflection.v1.ServerReflection"
V1ALPHA = "grpc.reflection.v1alpha.ServerReflection"


@dataclass(frozen=True)
class Served:
    directory: Directory
    address: str


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """Two live artifacts whose messages differ under one name."""
    directory = Directory(one=artifact("one", "name"), two=artifact("two", "nickname"))
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Reflection(["grpc.health.v1.Health"], directory.of_every_caller), directory))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield Served(directory, f"127.0.0.1:{port}")
    await server.stop(None)


@pytest.fixture(scope="session")
def grpcurl(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The real grpcurl, installed by go when it is not there."""
    if found := shutil.which("grpcurl"):
        return found
    go = shutil.which("go")
    if go is None:
        pytest.skip("there is neither grpcurl nor go")
    folder = subprocess.run([go, "env", "GOPATH"], capture_output=True, text=True, check=True).stdout.strip()
    if (program := Path(folder) / "bin/grpcurl").exists():
        return str(program)
    target = tmp_path_factory.mktemp("go")
    subprocess.run([go, "install", GRPCURL], check=True, env=os.environ | {"GOBIN": str(target)})
    return str(target / "grpcurl")


async def run(program: str, served: Served, *words: str) -> tuple[int | None, str]:
    """Exit code and output of grpcurl. Options in `words` stand before "--"."""
    options, verb = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else ((), words)
    process = await asyncio.create_subprocess_exec(
        program,
        "-plaintext",
        *options,
        served.address,
        *verb,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def ask(served: Served, *requests: ServerReflectionRequest, service: str = V1) -> list[ServerReflectionResponse]:
    """What one stream answers to the requests, one after another."""
    async with grpc.aio.insecure_channel(served.address) as channel:
        method = channel.stream_stream(
            f"/{service}/ServerReflectionInfo",
            request_serializer=ServerReflectionRequest.SerializeToString,
            response_deserializer=ServerReflectionResponse.FromString,
        )
        return [response async for response in method(iter(requests))]


def symbol(name: str) -> ServerReflectionRequest:
    return ServerReflectionRequest(file_containing_symbol=name)


def file(name: str) -> ServerReflectionRequest:
    return ServerReflectionRequest(file_by_filename=name)


def files(response: ServerReflectionResponse) -> list[str]:
    """Names of the files, and after a file that holds messages their fields."""
    protos = [FileDescriptorProto.FromString(each) for each in response.file_descriptor_response.file_descriptor_proto]
    return [
        ": ".join([proto.name, *(field.name for message in proto.message_type for field in message.field)])
        for proto in protos
    ]


def not_found(subject: str) -> ErrorResponse:
    return ErrorResponse(error_code=5, error_message=f"not found: {subject}")


ONE = ["flows/one.proto", "acme/person.proto: name: born", "google/protobuf/timestamp.proto: seconds: nanos"]
TWO = ["flows/two.proto", "acme/person.proto: nickname: born", "google/protobuf/timestamp.proto: seconds: nanos"]


async def test_grpcurl_lists_what_is_live_at_the_moment(served: Served, grpcurl: str) -> None:
    fixed = f"grpc.health.v1.Health\n{V1}\n{V1ALPHA}\n"
    assert await run(grpcurl, served, "list") == (0, f"flows.one.Echo\nflows.two.Echo\n{fixed}")
    del served.directory.live["flows.one.Echo"]
    served.directory.live["flows.three.Echo"] = artifact("three", "title")
    assert await run(grpcurl, served, "list") == (0, f"flows.three.Echo\nflows.two.Echo\n{fixed}")


async def test_grpcurl_calls_services_whose_messages_differ_under_one_name(served: Served, grpcurl: str) -> None:
    for flow, person in (("one", {"name": "Ada"}), ("two", {"nickname": "ada", "born": "1815-12-10T00:00:00Z"})):
        code, output = await run(grpcurl, served, "-d", json.dumps(person), "--", f"flows.{flow}.Echo/Invoke")
        assert (code, json.loads(output)) == (0, person)


@pytest.mark.parametrize(
    ("subject", "output"),
    [
        (
            "flows.two.Echo",
            "flows.two.Echo is a service:\n"
            "service Echo {\n  rpc Invoke ( .acme.Person ) returns ( .acme.Person );\n}\n",
        ),
        (
            "flows.two.Echo.Invoke",
            "flows.two.Echo.Invoke is a method:\nrpc Invoke ( .acme.Person ) returns ( .acme.Person );\n",
        ),
        (
            V1,
            f"{V1} is a service:\n"
            "service ServerReflection {\n"
            "  rpc ServerReflectionInfo ( stream .grpc.reflection.v1.ServerReflectionRequest )"
            " returns ( stream .grpc.reflection.v1.ServerReflectionResponse );\n}\n",
        ),
        (
            f"{V1ALPHA}.ServerReflectionInfo",
            f"{V1ALPHA}.ServerReflectionInfo is a method:\n"
            "rpc ServerReflectionInfo ( stream .grpc.reflection.v1alpha.ServerReflectionRequest )"
            " returns ( stream .grpc.reflection.v1alpha.ServerReflectionResponse );\n",
        ),
        (
            "acme.Person",
            "acme.Person is a message:\n"
            "message Person {\n  string nickname = 1;\n  .google.protobuf.Timestamp born = 2;\n}\n",
        ),
    ],
)
async def test_grpcurl_describes(served: Served, grpcurl: str, subject: str, output: str) -> None:
    assert await run(grpcurl, served, "describe", subject) == (0, output)


async def test_grpcurl_is_told_that_a_removed_service_is_not_found(served: Served, grpcurl: str) -> None:
    del served.directory.live["flows.one.Echo"]
    code, output = await run(grpcurl, served, "describe", "flows.one.Echo")
    assert code != 0
    assert "Symbol not found: flows.one.Echo" in output


async def test_files_of_a_stream_come_from_the_artifact_of_the_symbol_before_them(served: Served) -> None:
    responses = await ask(
        served,
        symbol("flows.one.Echo"),
        file("acme/person.proto"),
        symbol("acme.Person"),
        file("google/api/annotations.proto"),
        file("acme/person.proto"),
        symbol("flows.two.Echo.Invoke"),
        file("acme/person.proto"),
    )
    found = [files(response) for response in responses]
    assert found[:3] == [ONE, ONE[1:], ONE[1:]]
    assert found[3][0].startswith("google/api/annotations.proto")
    assert found[4:] == [ONE[1:], TWO, TWO[1:]]


async def test_file_of_unknown_origin_comes_from_the_artifact_that_is_first_in_the_directory(served: Served) -> None:
    (response,) = await ask(served, file("acme/person.proto"))
    assert files(response) == TWO[1:]


async def test_both_versions_give_the_same_answers(served: Served) -> None:
    requests = [
        ServerReflectionRequest(host="h", list_services="*"),
        symbol("flows.one.Echo"),
        symbol(V1),
        symbol(V1ALPHA),
        symbol("nobody.Knows"),
        file("no/such.proto"),
    ]
    answers = await ask(served, *requests)
    assert answers == await ask(served, *requests, service=V1ALPHA)
    assert [answer.original_request for answer in answers] == requests
    assert [answer.valid_host for answer in answers] == ["h", "", "", "", "", ""]
    assert [files(answer)[0].split(":")[0] for answer in answers[2:4]] == [
        "grpc/reflection/v1/reflection.proto",
        "grpc_reflection/v1alpha/reflection.proto",
    ]
    assert [answer.error_response for answer in answers[4:]] == [not_found("nobody.Knows"), not_found("no/such.proto")]


async def test_extensions_are_found_by_number(served: Served) -> None:
    options = "google.protobuf.MethodOptions"
    number = annotations_pb2.http.number
    by_number, unknown, numbers, no_type = await ask(
        served,
        ServerReflectionRequest(
            file_containing_extension=ExtensionRequest(containing_type=options, extension_number=number)
        ),
        ServerReflectionRequest(
            file_containing_extension=ExtensionRequest(containing_type=options, extension_number=7)
        ),
        ServerReflectionRequest(all_extension_numbers_of_type=options),
        ServerReflectionRequest(all_extension_numbers_of_type="no.Type"),
    )
    assert files(by_number)[0] == "google/api/annotations.proto"
    assert unknown.error_response == not_found(f"extension 7 of {options}")
    assert numbers.all_extension_numbers_response.base_type_name == options
    assert number in numbers.all_extension_numbers_response.extension_number
    assert no_type.error_response == not_found("no.Type")


async def test_request_without_a_question_is_refused_and_the_stream_goes_on(served: Served) -> None:
    empty, after = await ask(served, ServerReflectionRequest(), symbol("flows.one.Echo"))
    assert empty.error_response == ErrorResponse(
        error_code=3, error_message="expected a question, got a request without one"
    )
    assert files(after) == ONE


@pytest.mark.parametrize("name", ["", ".", "flows.one.Echo.Nothing", "flows.one.Echo.Invoke.More", "\0"])
async def test_name_that_is_nothing_is_not_found(served: Served, name: str) -> None:
    (response,) = await ask(served, symbol(name))
    assert response.error_response == not_found(name)
