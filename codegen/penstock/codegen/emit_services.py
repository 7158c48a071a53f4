"""Emits services.py of wire: one Protocol a service, and the table of all services."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.codegen.generated import header
from penstock.codegen.model import Api, Method, Service
from penstock.codegen.python_text import class_name, docstring, imports


def emit(api: Api) -> dict[str, str]:
    """File name -> text, of the one file."""
    lines = [
        f"# {header()}",
        '"""The services as Python: one Protocol each, and SERVICES, the table of them all."""',
        "",
        "from __future__ import annotations",
        "",
        "from collections.abc import AsyncIterator",
        "from typing import Protocol",
        "",
        *imports(message for service in api.services for m in service.methods for message in (m.input, m.output)),
        "from penstock.wire.service import Caller, MethodSpec, ServiceSpec",
    ]
    for service in api.services:
        lines += ["", "", *_protocol(service)]
    lines += ["", "", "SERVICES: tuple[ServiceSpec, ...] = ("]
    for service in api.services:
        lines += _spec(service)
    return {"services.py": "\n".join([*lines, ")", ""])}


def _protocol(service: Service) -> Iterator[str]:
    yield f"class {service.name}(Protocol):"
    yield from docstring(service.comment, "    ")
    for method in service.methods:
        yield ""
        yield from _method(method)


def _method(method: Method) -> Iterator[str]:
    define, answer = "async def", class_name(method.output)
    if method.server_streaming:
        define, answer = "def", f"AsyncIterator[{answer}]"
    yield f"    {define} {method.attribute}("
    yield f"        self, request: {class_name(method.input)}, caller: Caller"
    yield f"    ) -> {answer}:"
    yield from docstring(method.comment, "        ")
    yield "        ..."


def _spec(service: Service) -> Iterator[str]:
    yield "    ServiceSpec("
    yield f'        name="{service.name}",'
    yield f'        full_name="{service.full_name}",'
    yield "        methods=("
    for method in service.methods:
        yield "            MethodSpec("
        yield f'                name="{method.name}",'
        yield f'                attribute="{method.attribute}",'
        yield f'                path="/{service.full_name}/{method.name}",'
        yield f"                request={class_name(method.input)},"
        yield f"                response={class_name(method.output)},"
        yield f"                server_streaming={method.server_streaming},"
        if method.scope:
            yield f'                scope="{method.scope}",'
        yield "            ),"
    yield "        ),"
    yield "    ),"
