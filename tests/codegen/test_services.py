"""The Protocols of the services and the table of them say what the protos say."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from penstock.codegen import emit_services, emit_wire
from penstock.codegen.model import Api, ModelError
from penstock.wire.gen import execution_pb2, execution_service_pb2, services
from penstock.wire.gen.services import SERVICES
from penstock.wire.service import MethodSpec
from tests.codegen.conftest import Doctor


def test_a_unary_method_is_a_row_of_the_table() -> None:
    (service,) = [service for service in SERVICES if service.name == "ExecutionService"]

    assert (service.full_name, service.methods[0]) == (
        "penstock.v1.ExecutionService",
        MethodSpec(
            name="GetExecution",
            attribute="get_execution",
            path="/penstock.v1.ExecutionService/GetExecution",
            request=execution_service_pb2.GetExecutionRequest,
            response=execution_pb2.Execution,
            server_streaming=False,
            scope="executions:read",
        ),
    )


def test_the_table_holds_every_method_of_every_descriptor() -> None:
    described = {
        (service.full_name, method.name): method.server_streaming
        for service in SERVICES
        for method in service.methods[0].request.DESCRIPTOR.file.services_by_name[service.name].methods
    }

    assert {(s.full_name, m.name): m.server_streaming for s in SERVICES for m in s.methods} == described


def test_each_protocol_awaits_unary_methods_and_iterates_over_streams() -> None:
    for service in SERVICES:
        protocol = getattr(services, service.name)
        for method in service.methods:
            function = getattr(protocol, method.attribute)
            assert list(inspect.signature(function).parameters) == ["self", "request", "caller"]
            assert inspect.iscoroutinefunction(function) == (not method.server_streaming)
            assert function.__annotations__["request"].endswith(f"_pb2.{method.request.__name__}")
            assert method.response.__name__ in function.__annotations__["return"]


def test_a_service_of_streams_both_ways_is_no_part_of_the_api(api: Api) -> None:
    files = emit_wire.emit(api)
    assert ("relay_service_pb2.py" in files, "relay_service_pb2_grpc.py" in files) == (True, False)
    assert "RelayService" not in {service.name for service in SERVICES}


def test_a_method_that_streams_to_the_service_is_refused_beside_others(doctored: Doctor) -> None:
    with pytest.raises(ModelError, match="GetPackage: client streaming has no Protocol and no route"):
        doctored(
            "package_service.proto", "rpc GetPackage(GetPackageRequest)", "rpc GetPackage(stream GetPackageRequest)"
        )


def test_comments_become_docstrings_whatever_stands_in_them(doctored: Doctor) -> None:
    changed = doctored(
        "package_service.proto",
        "// Gives the newest version of a package. NOT_FOUND when there is none.",
        '// Gives """the newest""" \\d version of a "package"',
    )
    namespace: dict[str, Any] = {}
    exec(emit_services.emit(changed)["services.py"], namespace)

    text = inspect.getdoc(namespace["PackageService"].get_package)
    assert text is not None
    assert text.rstrip() == 'Gives """the newest""" \\d version of a "package"'
