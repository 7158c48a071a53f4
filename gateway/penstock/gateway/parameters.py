"""Reads what a request says outside of its body: path variables, the query and bound headers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from aiohttp import web
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from penstock.gateway.problems import invalid
from penstock.gateway.route import Route
from penstock.wire.json import JsonCodec, JsonError

# Messages whose JSON form is one string, so that they fit in a query.
_TEXT_MESSAGES = frozenset({"google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask"})
_BOOLS = {"true": True, "false": False}


def compile_parameters(route: Route, codec: JsonCodec) -> Callable[[web.Request], Message | None]:
    """A function that gives the request message with everything that stands outside of the body; None for nothing.

    It raises RpcError naming the parameter, header or variable that is unknown, wrong or given twice. An empty
    header counts as absent.
    """
    decode = codec.decoder(route.request.DESCRIPTOR)
    known = dict(_query_fields(route))
    headers = route.headers
    variables = tuple((variable, tuple(path.split("."))) for variable, path in route.path_fields)

    def read(http: web.Request) -> Message | None:
        values = _query_values(http, known) if http.rel_url.raw_query_string else {}
        for header, field in headers:
            if text := http.headers.get(header):
                values[field] = text
        for variable, path in variables:
            _put(values, path, http.match_info[variable])
        if not values:
            return None
        try:
            return decode(values)
        except JsonError as error:
            sources = (header for header, field in headers if field == error.path and http.headers.get(header))
            raise invalid(next(sources, error.path), error.problem, error.reason) from None

    return read


def refuse_other_path(route: Route, message: Message, parameters: Message) -> None:
    """Raises RpcError when the body names another resource than the path does."""
    for _, path in route.path_fields:
        in_body, in_path = _get(message, path), _get(parameters, path)
        if in_body and in_body != in_path:
            raise invalid(path, f'expected "{in_path}" as in the path, got "{in_body}"', "PATH_MISMATCH")


def _query_fields(route: Route) -> Iterator[tuple[str, FieldDescriptor]]:
    """Both spellings of every field that neither path nor body fills."""
    if route.body == "*":
        return
    taken = {path.partition(".")[0] for _, path in route.path_fields} | {route.body}
    for field in route.request.DESCRIPTOR.fields:
        if field.name not in taken and (field.message_type is None or field.message_type.full_name in _TEXT_MESSAGES):
            yield field.name, field
            yield field.json_name, field


def _query_values(http: web.Request, known: dict[str, FieldDescriptor]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in http.query.items():
        field = known.get(name)
        if field is None:
            names = ", ".join(sorted({field.name for field in known.values()})) or "none"
            raise invalid(name, f"unknown parameter; known are: {names}", "UNKNOWN_PARAMETER")
        if field.is_repeated:
            values.setdefault(field.name, []).append(_json_value(field, text))
        elif field.name in values:
            raise invalid(name, "expected once, got twice", "DUPLICATE_PARAMETER")
        else:
            values[field.name] = _json_value(field, text)
    return values


def _json_value(field: FieldDescriptor, text: str) -> object:
    """`text` as the JSON that the codec reads; numbers may stay strings, as protobuf JSON has it."""
    if field.type == FieldDescriptor.TYPE_BOOL:
        return _BOOLS.get(text, text)
    if field.type == FieldDescriptor.TYPE_ENUM and text.isdecimal():
        return int(text)
    return text


def _put(values: dict[str, Any], path: tuple[str, ...], value: str) -> None:
    for name in path[:-1]:
        values = values.setdefault(name, {})
    values[path[-1]] = value


def _get(message: Any, path: str) -> Any:
    for name in path.split("."):
        message = getattr(message, name)
    return message
