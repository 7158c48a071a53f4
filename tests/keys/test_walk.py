"""Walks every method of every service, so that a new one is not forgotten: its scope, and what other accounts see."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.engine.rpc.access.hiding import is_marked
from penstock.gateway.gen.routes import ROUTES
from penstock.gateway.route import Route
from penstock.openapi.artifact.documents import KINDS
from penstock.wire.gen import options_pb2
from penstock.wire.gen.services import SERVICES
from penstock.wire.scopes import ANY_KEY, VERBS, Grants
from penstock.wire.status import Code
from tests.keys.walk import Things, furnish
from tests.keys.ward import METHODS, Refused, Ward

NAMES = sorted(METHODS)
SCOPES = {(spec.name, method.attribute): method.scope for spec in SERVICES for method in spec.methods}

WITHOUT_MARK = {
    "penstock.v1.Artifact.descriptors": "types",
    "penstock.v1.Config.values": "set-up",
    "penstock.v1.ExportAuditRecordsResponse.data": "a document of who did what, in which nothing of it stands",
    "penstock.v1.ExportExecutionResponse.data": "a document, from which the exporter leaves it out",
    "penstock.v1.Package.descriptors": "types",
}
"""Fields of answers that hold any JSON or any bytes, and why no scope of its own is needed to see them."""


@pytest.fixture(scope="module")
def things(ward: Ward) -> Things:
    return furnish(ward)


@pytest.fixture(scope="module")
def lacking(ward: Ward) -> dict[str, str]:
    """Scope -> a key that may do everything else."""
    keys = {}
    for scope in {method.scope for method in METHODS.values()} - {ANY_KEY}:
        others = [verb for verb in VERBS if not Grants([verb]).has(scope)]
        keys[scope] = ward.key(*others)
    return keys


def test_every_method_names_a_scope_that_there_is() -> None:
    named = {name: method.scope for name, method in METHODS.items()}
    described = {name: _described_scope(name) for name in NAMES}
    assert described == named
    assert {name for name, scope in described.items() if scope not in {*VERBS, ANY_KEY}} == set()


def test_a_call_without_a_good_key_is_not_answered(ward: Ward, things: Things) -> None:
    bad = (None, f"psk_0123456789ab_{'0' * 64}", ward.admin[:-1])
    found = {outcome(ward, name, things.request(name), key) for name in NAMES for key in bad}
    assert found == {(Code.UNAUTHENTICATED, "UNAUTHENTICATED", "unauthorized", ())}


def test_a_key_without_the_scope_is_refused_by_its_name(ward: Ward, things: Things, lacking: dict[str, str]) -> None:
    for name in NAMES:
        scope = METHODS[name].scope
        if scope != ANY_KEY:
            found = outcome(ward, name, things.request(name), lacking[scope])
            text, facts = f"the key needs the scope {scope}", (("scope", scope),)
            assert found == (Code.PERMISSION_DENIED, "SCOPE_MISSING", text, facts), name


def test_http_refuses_as_grpc_does(ward: Ward, things: Things, lacking: dict[str, str]) -> None:
    for route in ROUTES:
        path, scope = path_of(route, things), SCOPES[route.service, route.method]
        assert ward.http(route.http_method, path, key=None).json["error"] == "unauthorized"
        if scope == ANY_KEY:
            continue
        answer = ward.http(route.http_method, path, b"no JSON", key=lacking[scope])
        assert (answer.status, answer.json) == (
            403,
            {
                "error": f"the key needs the scope {scope}",
                "code": "PERMISSION_DENIED",
                "reason": "SCOPE_MISSING",
                "details": {"scope": scope},
            },
        ), path


def test_another_account_sees_nothing_and_changes_nothing(ward: Ward, things: Things) -> None:
    before = _standing(ward)
    for name in NAMES:
        scope = METHODS[name].scope
        # An account of its own each time: what it asked for before is in its own audit log.
        key = ward.key(*([scope, "payloads:read"] if scope in VERBS else []), account=f"stranger-{uuid4().hex[:8]}")
        request = things.request(name)
        try:
            told = str(ward.ask(name, request, key))
        except Refused as refused:
            assert refused.code not in (Code.INTERNAL, Code.UNKNOWN, Code.PERMISSION_DENIED), (name, refused)
            told = refused.message
        else:
            assert not _names_what_only_the_account_has(request), f"{name} answered {told}"
        assert things.seen_in(told, request) == [], name
    assert _standing(ward) == before


def test_what_another_account_has_is_as_unknown_as_what_nobody_has(ward: Ward, things: Things) -> None:
    key = ward.key(account="stranger")
    for name in NAMES:
        request = things.request(name)
        if not getattr(request, "execution_id", ""):
            continue
        answers = []
        for execution_id in (request.execution_id, uuid4().hex):
            request.execution_id = execution_id
            code, reason, message, facts = outcome(ward, name, request, key)
            answers.append((code, reason, message.replace(execution_id, "ID"), facts))
        assert answers[0] == answers[1], name
        assert answers[0][0] is Code.NOT_FOUND, name


def test_http_shows_another_account_nothing(ward: Ward, things: Things) -> None:
    for number, route in enumerate(ROUTES):
        # A feed of everything never ends; gRPC has shown it.
        if route.http_method == "GET" and route.method != "watch_executions":
            path = path_of(route, things)
            answer = ward.http("GET", path, key=ward.key(account=f"looker-{number}"))
            assert answer.status in (200, 400, 404), (path, answer.body)
            assert things.seen_in(answer.body.decode(), path) == [], path


@pytest.mark.parametrize("kind", [*KINDS, "sdk/python", "sdk/typescript"])
def test_documents_are_for_keys_that_may_look_at_the_flow(ward: Ward, things: Things, kind: str) -> None:
    where = f"/flows/v1/artifacts/{things.values['graph_id']}/{kind}"
    assert ward.http("GET", where, key=None).status == 401
    assert ward.http("GET", where, key=ward.key(account="stranger")).status == 404
    refused = ward.http("GET", where, key=ward.key("flows:read:pay*", "executions:read"))
    assert (refused.status, refused.json["details"]) == (403, {"scope": "flows:read:hello"})
    # The writing of a client takes a second, and comes after that.
    if not kind.startswith("sdk"):
        assert ward.http("GET", where, key=ward.key("invoke:hello@live")).status == 200


def test_metrics_are_for_whoever_runs_the_server(ward: Ward, things: Things) -> None:
    operator, other = ward.key("metrics:read", account="default"), ward.key(account="stranger")
    seen = {key: ward.http("GET", "/metrics", key=key) for key in (operator, other, ward.admin)}
    assert [answer.status for answer in seen.values()] == [200, 404, 404]
    assert things.seen_in(seen[operator].body.decode(), "") == []
    refused = ward.http("GET", "/metrics", key=ward.key("flows:read", account="default"))
    assert (refused.status, refused.json["details"]) == (403, {"scope": "metrics:read"})


def test_every_field_that_may_hold_what_flows_says_so() -> None:
    loose = ("google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue")
    unmarked = {
        field.full_name
        for method in METHODS.values()
        for message in _within(method.response.DESCRIPTOR)
        for field in message.fields
        if (field.type == FieldDescriptor.TYPE_BYTES or (field.message_type and field.message_type.full_name in loose))
        and not is_marked(field)
        and not message.full_name.startswith("google.protobuf.")
    }
    assert unmarked == set(WITHOUT_MARK)


def outcome(ward: Ward, name: str, request: Any, key: str | None) -> tuple[Any, ...]:
    """What a call is refused with."""
    with pytest.raises(Refused) as refused:
        ward.ask(name, request, key)
    error = refused.value
    return error.code, error.reason, error.message, tuple(error.facts.items())


def path_of(route: Route, things: Things) -> str:
    """The path of a request that names what the account has."""
    name = next(
        name
        for name, spec in METHODS.items()
        if (name.partition(".")[0], spec.attribute) == (route.service, route.method)
    )
    request, fields = things.request(name), dict(route.path_fields)

    def value(match: re.Match[str]) -> str:
        found: object = request
        for part in fields[match[1]].split("."):
            found = getattr(found, part)
        return str(found) or "none"

    return re.sub(r"{(\w+)(?::[^}]*(?:{[^}]*}[^}]*)*)?}", value, route.pattern)


def _described_scope(name: str) -> str:
    spec = METHODS[name]
    method = spec.request.DESCRIPTOR.file.pool.FindMethodByName(spec.path[1:].replace("/", "."))
    return str(method.GetOptions().Extensions[options_pb2.scope])


def _names_what_only_the_account_has(request: object) -> bool:
    """Whether it is about an id, which no other account has; a name may be that of another thing."""
    return any(getattr(request, field, "") for field in ("execution_id", "graph_id", "key_id", "operation_id"))


def _standing(ward: Ward) -> list[object]:
    """What an account has of everything that a walk could change."""
    executions = ward.http("GET", "/invocations/v1/executions?page_size=1000").json["executions"]
    paths = (
        "/invocations/v1/executions/-/pauses",
        "/flows/v1/flows",
        "/flows/v1/flows/hello/aliases",
        "/flows/v1/artifacts",
        "/packages/v1/packages",
        "/configs/v1/configs",
        "/configs/v1/secrets",
        "/policies/v1/policies",
    )
    return [[(each["execution_id"], each["status"]) for each in executions]] + [
        ward.http("GET", path).json for path in paths
    ]


def _within(message: Descriptor, above: frozenset[str] = frozenset()) -> list[Descriptor]:
    found = [message]
    for field in message.fields:
        if field.message_type is not None and field.message_type.full_name not in above | {message.full_name}:
            found += _within(field.message_type, above | {message.full_name})
    return found
