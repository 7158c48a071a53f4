"""What the documents list is what there is: routes, methods, options, limits, errors, expressions, parts and files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from penstock import sdk
from penstock.cli.commandline.arguments import parse
from penstock.engine.app.settings import Settings
from penstock.engine.domain import limits
from penstock.engine.nodes.archive import digest, pack
from penstock.engine.nodes.loader import load_package
from penstock.gateway import limits as gateway_limits
from penstock.gateway.gen.routes import ROUTES
from penstock.wire.expressions import Expressions
from penstock.wire.gen.services import SERVICES
from penstock.wire.json.parse import DEPTH_MAX
from penstock.wire.types import TypePool
from tests.docs.documents import DOCUMENTS, prose, table
from tests.harness import EXAMPLES
from tests.tidy.test_imports import ENGINE, EVERYTHING, MAY_IMPORT
from tests.tidy.tree import project_files

MIB = 1024 * 1024


def test_http_lists_every_route_with_its_method() -> None:
    methods = {(s.name, m.attribute): f"`{s.name}.{m.name}`" for s in SERVICES for m in s.methods}
    routes = [(r.http_method, re.sub(r"{(\w+):.*?}", r"{\1}", r.pattern), methods[r.service, r.method]) for r in ROUTES]
    listed = [row for row in table("docs/http.md", "route") if "Service." in row[1]]
    assert listed == [(f"`{http_method} {path}`", method) for http_method, path, method in routes]


def test_grpc_lists_every_method() -> None:
    methods = [(f"`{s.full_name}`", " ".join(f"`{m.name}`" for m in s.methods)) for s in SERVICES]
    assert table("docs/grpc.md", "service") == methods


def test_command_line_lists_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    for verb, _, options in table("docs/cli.md", "verb"):
        words = [word for word in verb.strip("`").split() if word.islower()]
        with pytest.raises(SystemExit):
            parse([*words, "--help"])
        usage = capsys.readouterr().out.partition("\n\n")[0]
        assert re.findall(r"--[a-z-]+", options) == re.findall(r"--[a-z-]+", usage), verb


def test_command_line_lists_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    listed = [row[0].strip("`").split() for row in table("docs/cli.md", "verb")]
    for group in (
        [],
        ["accounts"],
        ["aliases"],
        ["artifacts"],
        ["audit"],
        ["budgets"],
        ["bulk"],
        ["configs"],
        ["executions"],
        ["imports"],
        ["keys"],
        ["limits"],
        ["pauses"],
        ["policies"],
        ["queries"],
        ["retention"],
        ["secrets"],
        ["webhooks"],
    ):
        with pytest.raises(SystemExit):
            parse([*group, "--help"])
        verbs = re.findall(r"^    ([a-z]+)\b", capsys.readouterr().out, re.MULTILINE)
        shown = [words[len(group)] for words in listed if words[: len(group)] == group]
        assert sorted(verbs) == sorted(set(shown)), group


def test_operations_lists_the_limits_that_hold() -> None:
    assert table("docs/operations.md", "what") == [
        ("one message: input, output or frame", f"{limits.PAYLOAD_BYTES_MAX // MIB} MiB"),
        ("one request body, unpacked; one gRPC message somewhat more", f"{gateway_limits.BODY_BYTES_MAX // MIB} MiB"),
        (
            "one request's head line, one header, and the metadata of a gRPC call",
            f"{gateway_limits.HEADER_BYTES_MAX // 1024} KiB",
        ),
        ("headers of a request", f"{gateway_limits.HEADERS_MAX}"),
        ("a request's head that comes in pieces", f"{gateway_limits.HEAD_BYTES_MAX // 1024} KiB"),
        ("objects and arrays, or messages, inside each other", f"{DEPTH_MAX}"),
        ("connections of each port of a process", f"{limits.CONNECTIONS_MAX:,}"),
        ("handshakes of TLS at once on the HTTP port", f"{gateway_limits.HANDSHAKES_MAX:,}"),
        ("time for a handshake", f"{gateway_limits.HANDSHAKE_TIMEOUT_S:g} s"),
        (
            "time for a request's head: the first one of a connection from its begin, others from their first byte",
            f"{gateway_limits.HEAD_TIMEOUT_S:g} s",
        ),
        (
            "time for a request body, or the message of a gRPC call, to arrive",
            f"{gateway_limits.BODY_TIMEOUT_S:g} s",
        ),
        ("time without a whole request, after which a connection is dropped", f"{gateway_limits.IDLE_S:g} s"),
        ("time without a call, after which a gRPC connection is closed", f"{limits.GRPC_IDLE_S:g} s"),
        (
            "time in which the reader of an answer or of an event stream takes less than"
            f" {gateway_limits.SEND_BYTES_MIN // 1024} KiB of what waits for it, after which it is dropped",
            f"{gateway_limits.SEND_TIMEOUT_S:g} s",
        ),
        (
            "event streams of a key in one process, and calls of a gRPC connection at once",
            f"{limits.GRPC_STREAMS_MAX:,}",
        ),
        ("gRPC calls of one process at once", f"{limits.GRPC_CALLS_MAX:,}"),
        (
            "gRPC calls of one method that needs no key, in one process at once",
            f"{limits.KEYLESS_CALLS_MAX}",
        ),
        ("one package, as an archive", f"{limits.ARCHIVE_BYTES_MAX // MIB} MiB"),
        ("nodes of a flow", f"{limits.NODES_MAX:,}"),
        ("edges of a flow", f"{limits.EDGES_MAX:,}"),
        ("events of an execution, frames included", f"{limits.EVENTS_MAX:,}"),
        ("executions that one process drives at once; more are QUEUED", f"{limits.RUNNING_MAX:,}"),
        ("executions that wait in one process; more are refused with 429", f"{limits.QUEUED_MAX:,}"),
        ("plain functions that run at once in one process", f"{limits.THREADS_MAX}"),
        ("timeout of a node", f"{limits.NODE_TIMEOUT_S_MAX / 3600:g} h"),
        ("attempts of a node", f"{limits.ATTEMPTS_MAX}"),
        ("items of a map", f"{limits.MAP_ITEMS_MAX:,}"),
        ("executions above an execution", f"{limits.DEPTH_MAX}"),
        ("signals of an execution", f"{limits.SIGNALS_MAX:,}"),
        ("comment of a decision", f"{limits.COMMENT_BYTES_MAX // 1024} KiB"),
        ("wait of one call", f"{limits.WAIT_SECONDS_MAX:,.0f} s"),
        ("labels of an execution", f"{limits.LABELS_MAX}"),
        ("life of a request id", f"{limits.REQUEST_ID_LIFE_S // 3600} h"),
        ("drain", f"{Settings(Path(), None, '', 0).drain_s:g} s"),
    ]


def test_packages_lists_every_error_that_a_node_may_raise() -> None:
    errors = [cls for name in sdk.__all__ if isinstance(cls := getattr(sdk, name), type)]
    assert {row[:4] for row in table("docs/packages.md", "raise") if "`" in row[0]} == {
        (f"`{cls.__name__}`", cls.failure_class.name, cls.kind.name, cls.code)
        for cls in errors
        if issubclass(cls, sdk.NodeError)
    }


def test_packages_lists_every_member_of_the_context() -> None:
    members = {name for name in dir(type(sdk.context)) if not name.startswith("_")}
    assert {row[0].strip("`") for row in table("docs/packages.md", "member")} == members


async def test_expressions_that_flows_shows_pass_the_check() -> None:
    orders = EXAMPLES / "orders"
    types = TypePool((await load_package(orders, digest(pack(orders)), None)).descriptors)
    expressions = Expressions(types, {"output": "orders.Quote", "input": "orders.Order"})
    for expression, _ in table("docs/flows.md", "expression"):
        text = expression.strip("`")
        assert expressions.condition(f"({text}) == ({text})")


def test_architecture_lists_the_parts_and_what_they_import() -> None:
    groups = {"all of engine": ENGINE, "everything": EVERYTHING}
    listed: dict[str, set[str]] = {}
    for part, _, imports in table("ARCHITECTURE.md", "part"):
        names = [name for word in imports.split(", ") if word for name in groups.get(word, (word,))]
        whole = {f"engine.{name}" if f"engine.{name.split('.')[0]}" in MAY_IMPORT else name for name in names}
        listed[part.strip("`")] = whole - {part.strip("`")}
    assert listed == {part: {*imported} - {part} for part, imported in MAY_IMPORT.items()}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_a_document_names_are_there(document: str) -> None:
    named = re.findall(r"`([\w./-]+\.(?:py|proto|sql))`", prose(document))
    files = [Path("/", file) for file in project_files()]
    assert [name for name in named if not any(file.match(name) for file in files)] == []
