"""What the protos say, as the emitters need it: services, methods and their HTTP routes.

Built once from a generator request; the emitters only print it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from penstock.codegen.comments import read_comments
from penstock.codegen.descriptors import Descriptors
from penstock.codegen.path_template import PathTemplate, PathTemplateError, parse_path_template

PACKAGE = "penstock.v1"
PACKAGE_FOLDER = "penstock/v1/"
WIRE_MODULE = "penstock.wire.gen"
# Messages whose JSON form is one string.
_QUERY_MESSAGES = frozenset({"google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask"})
_VERBS = ("get", "put", "post", "delete", "patch")


class ModelError(Exception):
    """The protos ask for something that cannot be generated; the text names the method."""


@dataclass(frozen=True, slots=True)
class Route:
    """One HTTP face of a method. `body` is "", "*" or the name of a top-level request field.

    `document` is the message that the streamed messages are the pieces of; None when each stands for itself. `content`
    is the bytes field of the answer that is the whole body; "" when the answer is a message. `body_document` is the
    message that the body is as JSON when `body` names a bytes field; None when the body is a message.
    """

    http_method: str
    path: PathTemplate
    body: str
    success_status: int
    headers: tuple[tuple[str, str], ...]
    document: Descriptor | None = None
    content: str = ""
    body_document: Descriptor | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC. `route` is None when it has no HTTP face; `scope` is "" when the proto names none."""

    name: str
    attribute: str
    comment: str
    input: Descriptor
    output: Descriptor
    server_streaming: bool
    route: Route | None
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """One service; `file` is the proto file that declares it."""

    name: str
    full_name: str
    file: str
    comment: str
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class Api:
    """Everything in a generator request. `names` are the files to generate, `files` those and what they import.

    `services` are those of the API; a service of streams both ways is plumbing and not among them.
    """

    names: tuple[str, ...]
    files: tuple[FileDescriptorProto, ...]
    services: tuple[Service, ...]
    comments: Mapping[str, str]
    descriptors: Descriptors

    def routes(self) -> Iterator[tuple[Service, Method, Route]]:
        """All routes in the order of the proto files."""
        for service in self.services:
            for method in service.methods:
                if method.route is not None:
                    yield service, method, method.route


def build_api(request: CodeGeneratorRequest) -> Api:
    """Raises ModelError when a method cannot be generated or two routes take the same requests."""
    names = tuple(sorted(name for name in request.file_to_generate if name.startswith(PACKAGE_FOLDER)))
    descriptors = Descriptors(request.proto_file)
    comments = read_comments(file for file in request.proto_file if file.name in names)
    services = tuple(
        _service(service, descriptors, comments)
        for name in names
        for service in descriptors.file(name).services_by_name.values()
        if not _is_plumbing(service)
    )
    api = Api(names, tuple(request.proto_file), services, comments, descriptors)
    _refuse_confusion(api)
    return api


def _is_plumbing(service: ServiceDescriptor) -> bool:
    """Whether all its methods are streams both ways: no part of the API, served and called without generated code."""
    return all(method.client_streaming and method.server_streaming for method in service.methods)


def _service(service: ServiceDescriptor, descriptors: Descriptors, comments: Mapping[str, str]) -> Service:
    methods = tuple(_method(method, descriptors, comments) for method in service.methods)
    comment = comments.get(service.full_name, "")
    return Service(service.name, service.full_name, service.file.name, comment, methods)


def _method(method: MethodDescriptor, descriptors: Descriptors, comments: Mapping[str, str]) -> Method:
    if method.client_streaming:
        raise ModelError(f"{method.full_name}: client streaming has no Protocol and no route")
    return Method(
        name=method.name,
        attribute=re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", method.name).lower(),
        comment=comments.get(method.full_name, ""),
        input=method.input_type,
        output=method.output_type,
        server_streaming=method.server_streaming,
        route=_route(method, descriptors),
        scope=descriptors.option(method, "penstock.v1.scope") or "",
    )


def _route(method: MethodDescriptor, descriptors: Descriptors) -> Route | None:
    rule = descriptors.option(method, "google.api.http")
    if rule is None:
        return None
    verb = rule.WhichOneof("pattern")
    if verb not in _VERBS:
        raise ModelError(f"{method.full_name}: expected one of {', '.join(_VERBS)}, found {verb}")
    if rule.additional_bindings or rule.response_body:
        raise ModelError(f"{method.full_name}: expected one path and a whole response, found more options")
    try:
        path = parse_path_template(getattr(rule, verb))
    except PathTemplateError as problem:
        raise ModelError(f"{method.full_name}: {problem}") from None
    details = descriptors.option(method, "penstock.v1.http")
    status = (details and details.success_status) or 200
    headers = tuple((bound.header, bound.field) for bound in details.headers) if details else ()
    document = _document(method, details.document, descriptors) if details and details.document else None
    content = _content(method, details.content) if details and details.content else ""
    body_document = None
    if details and details.body_document:
        body_document = _body_document(method, rule.body, details.body_document, descriptors)
    route = Route(verb.upper(), path, rule.body, status, headers, document, content, body_document)
    _require_fields(method, route)
    return route


def _document(method: MethodDescriptor, name: str, descriptors: Descriptors) -> Descriptor:
    data = method.output_type.fields_by_name.get("data")
    if not method.server_streaming or data is None or data.type != FieldDescriptor.TYPE_BYTES:
        raise ModelError(f"{method.full_name}: expected a stream of messages with bytes `data`, as it has a document")
    found = descriptors.message(f"{PACKAGE}.{name}")
    if found is None:
        raise ModelError(f"{method.full_name}: there is no message {name} for its document")
    return found


def _body_document(method: MethodDescriptor, body: str, name: str, descriptors: Descriptors) -> Descriptor:
    if body in ("", "*") or _field(method, body).type != FieldDescriptor.TYPE_BYTES:
        raise ModelError(f"{method.full_name}: expected a bytes field as body, as that is a document")
    found = descriptors.message(f"{PACKAGE}.{name}")
    if found is None:
        raise ModelError(f"{method.full_name}: there is no message {name} for its body")
    return found


_PART_IN, _PART_OUT = frozenset({"offset", "limit", "payload_bytes"}), frozenset({"offset", "size"})


def _content(method: MethodDescriptor, name: str) -> str:
    field = method.output_type.fields_by_name.get(name)
    if method.server_streaming or field is None or field.type != FieldDescriptor.TYPE_BYTES:
        raise ModelError(f"{method.full_name}: expected one message with bytes `{name}`, as that is its content")
    if not ({*method.input_type.fields_by_name} >= _PART_IN and {*method.output_type.fields_by_name} >= _PART_OUT):
        needed = f"{', '.join(sorted(_PART_IN))} in the request and {', '.join(sorted(_PART_OUT))} in the answer"
        raise ModelError(f"{method.full_name}: expected {needed}, as it gives content in parts")
    return name


def _require_fields(method: MethodDescriptor, route: Route) -> None:
    in_path = [variable.field for variable in route.path.variables]
    for path in (*in_path, *(field for _, field in route.headers)):
        _field(method, path)
    if route.body == "*":
        return
    if route.body and route.body_document is None and _field(method, route.body).message_type is None:
        raise ModelError(f"{method.full_name}: expected a message as body, {route.body} is none")
    elsewhere = {path.partition(".")[0] for path in (*in_path, route.body)}
    for field in method.input_type.fields:
        if field.name not in elsewhere and not _fits_in_query(field):
            raise ModelError(f"{method.full_name}: {field.name} does not fit in a query, so path or body must take it")


def _field(method: MethodDescriptor, path: str) -> FieldDescriptor:
    message: Descriptor | None = method.input_type
    for name in path.split("."):
        if message is None or name not in message.fields_by_name:
            raise ModelError(f"{method.full_name}: {method.input_type.name} has no field {path}")
        field = message.fields_by_name[name]
        message = field.message_type
    return field


def _fits_in_query(field: FieldDescriptor) -> bool:
    inner = field.message_type
    return inner is None or (inner.full_name in _QUERY_MESSAGES and not field.is_repeated)


def _refuse_confusion(api: Api) -> None:
    """A request has one route, and OpenAPI wants one name for what stands at one place of a path."""
    taken: dict[tuple[str, str], str] = {}
    spelled: dict[str, str] = {}
    for service, method, route in api.routes():
        name, path = f"{service.full_name}.{method.name}", route.path
        other = taken.setdefault((route.http_method, path.shape), name)
        if other != name:
            raise ModelError(f"{name}: {other} takes {route.http_method} {path.openapi} already")
        first = spelled.setdefault(path.shape, path.openapi)
        if first != path.openapi:
            raise ModelError(f"{name}: expected the variables of {first}, found {path.openapi}")
