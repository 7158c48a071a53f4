"""AliasService over a real socket."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import grpc
import pytest

from penstock.engine.domain import limits
from penstock.wire.gen.alias_pb2 import AliasTarget
from penstock.wire.gen.alias_service_pb2 import (
    DeleteAliasRequest,
    GetAliasRequest,
    ListAliasesRequest,
    ListAliasMovesRequest,
    SetAliasRequest,
)
from penstock.wire.gen.artifact_service_pb2 import (
    RetireArtifactRequest,
)
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest
from penstock.wire.share import share_of
from tests.rpc.versioned import ADA, Flows, field, reason, to

# pytest-grpc's grpc_addr leaves the socket that found a free port to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_alias_is_made_moved_listed_and_removed_and_all_of_it_is_recorded(tea: Flows, grpc_server: Any) -> None:
    artifacts = [tea.compile("one"), tea.compile("two")]
    made = tea.set("beta", AliasTarget(graph_id=artifacts[0].graph_id))
    key_id = grpc_server.test_key.split("_")[1]
    assert [(t.graph_id, t.version, t.weight) for t in made.targets] == [(artifacts[0].graph_id, 1, 100)]
    assert (made.flow, made.alias, made.key_id, made.etag) == (tea.flow, "beta", key_id, "1")
    moved = tea.set("beta", to(2))
    assert (tea.get("beta"), moved.etag) == (moved, "2")
    listed = tea.aliases.ListAliases(ListAliasesRequest(flow=tea.flow), metadata=tea.metadata).aliases
    assert [alias.alias for alias in listed] == ["beta", "live"]
    tea.aliases.DeleteAlias(DeleteAliasRequest(flow=tea.flow, alias="beta"), metadata=tea.metadata)
    assert tea.moves("beta") == [("beta", [2], []), ("beta", [1], [2]), ("beta", [], [1])]
    assert tea.moves() == [*tea.moves("beta"), ("live", [1], [2]), ("live", [], [1])]
    moves = tea.aliases.ListAliasMoves(ListAliasMovesRequest(flow=tea.flow, alias="-"), metadata=tea.metadata).moves
    assert {move.key_id for move in moves} == {key_id}


def test_pages_of_aliases_and_moves_go_on_where_the_one_before_ended(tea: Flows) -> None:
    tea.compile("one")
    for alias in ("a", "b"):
        tea.set(alias, to(1))
    seen, token = [], ""
    while not seen or token:
        request = ListAliasesRequest(flow=tea.flow, page_size=1, page_token=token)
        page = tea.aliases.ListAliases(request, metadata=tea.metadata)
        seen += [alias.alias for alias in page.aliases]
        token = page.next_page_token
    assert seen == ["a", "b", "live"]
    seen = []
    while not seen or token:
        moves = ListAliasMovesRequest(flow=tea.flow, alias="-", page_size=2, page_token=token)
        page = tea.aliases.ListAliasMoves(moves, metadata=tea.metadata)
        seen += [move.alias for move in page.moves]
        token = page.next_page_token
    assert seen == ["b", "a", "live"]


def test_invocations_are_split_by_weight_and_a_request_id_always_gets_the_same(tea: Flows) -> None:
    tea.compile("one")
    tea.compile("two")
    tea.set("live", to(2, 30), to(1, 70))
    ids = [f"{tea.flow}-{number}" for number in range(40)]
    expected = {request_id: 1 if share_of(request_id) < 70 else 2 for request_id in ids}
    assert {request_id: tea.invoke(request_id=request_id) for request_id in ids} == expected
    service = f"Aliased{tea.flow[7:]}/Invoke"
    for request_id in (f"{tea.flow}-typed-{number}" for number in range(20)):
        execution_id = tea.call(service, ("idempotency-key", request_id))["penstock-execution-id"]
        assert tea.version_of(execution_id) == (1 if share_of(request_id) < 70 else 2)
    pinned = {request_id: tea.artifact(tea.flow, request_id=request_id).version for request_id in ids}
    assert pinned == expected
    whole = tea.artifact(tea.flow)
    assert (whole.version, whole.alias_weight) == (1, 70)
    tea.set("live", to(2))
    assert not tea.artifact(tea.flow).HasField("alias_weight")


def test_without_a_request_id_every_target_gets_some(tea: Flows) -> None:
    tea.compile("one")
    tea.compile("two")
    tea.set("live", to(1, 50), to(2, 50))
    # 100 that all go to one of two are no bad luck: that has 2 chances in 2 to the 100.
    assert set(Counter(tea.invoke() for _ in range(100))) == {1, 2}


def test_repeated_request_finds_its_execution_after_the_alias_has_moved(tea: Flows) -> None:
    tea.compile("one")
    tea.compile("two")
    tea.set("live", to(1))
    request = InvokeFlowRequest(flow=tea.flow, input_bytes=ADA, wait=True, request_id=f"{tea.flow}-again")
    first = tea.answer(request)
    service = f"Aliased{tea.flow[7:]}/Invoke"
    typed = tea.call(service, ("idempotency-key", f"{tea.flow}-typed"))["penstock-execution-id"]
    tea.set("live", to(2))
    assert tea.answer(request) == first
    assert tea.version_of(first.execution_id) == 1
    assert tea.call(service, ("idempotency-key", f"{tea.flow}-typed"))["penstock-execution-id"] == typed


def test_move_that_breaks_callers_has_to_be_allowed(tea: Flows, refused: Any) -> None:
    tea.compile("one")
    tea.compile("price", "orders/price", allow_breaking=True)
    tea.set("live", to(1), allow_breaking=True)
    request = SetAliasRequest(flow=tea.flow, alias="live", targets=[to(1, 90), to(2, 10)])
    error = refused(tea.aliases.SetAlias, request)
    assert reason(error) == (grpc.StatusCode.FAILED_PRECONDITION, "BREAKING_CHANGE")
    assert error.details().startswith(f"callers of {tea.flow}@live would break, and allow_breaking is not set: ")
    assert [t.version for t in tea.get("live").targets] == [1]
    request.validate_only = True
    assert reason(refused(tea.aliases.SetAlias, request)) == (grpc.StatusCode.FAILED_PRECONDITION, "BREAKING_CHANGE")
    request.allow_breaking = True
    [diff] = tea.aliases.SetAlias(request, metadata=tea.metadata).diffs
    assert (diff.wire_breaking, diff.json_breaking, diff.source_breaking) == (True, True, True)
    tea.set("live", to(1, 90), to(2, 10), allow_breaking=True)
    # Whoever calls it reaches both already.
    assert list(tea.answer_to_set("live", to(2)).diffs) == []


def test_validate_only_moves_nothing_and_refuses_what_could_not_be(tea: Flows, refused: Any) -> None:
    tea.compile("one")
    first = tea.compile("two")
    before = tea.get("live")
    would_be = tea.set("live", to(1), validate_only=True)
    assert [t.version for t in would_be.targets] == [1]
    assert (tea.get("live"), [alias for alias, *_ in tea.moves()]) == (before, ["live", "live"])
    tea.set("live", to(1))
    tea.artifacts.RetireArtifact(RetireArtifactRequest(graph_id=first.graph_id), metadata=tea.metadata)
    request = SetAliasRequest(flow=tea.flow, alias="live", targets=[to(2)], validate_only=True)
    assert reason(refused(tea.aliases.SetAlias, request)) == (grpc.StatusCode.FAILED_PRECONDITION, "RETIRED")


def test_etag_guards_what_was_seen(tea: Flows, refused: Any) -> None:
    tea.compile("one")
    tea.compile("two")
    stale = SetAliasRequest(flow=tea.flow, alias="live", targets=[to(1)], etag="1")
    assert reason(refused(tea.aliases.SetAlias, stale)) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")
    assert tea.set("live", to(1), etag=tea.get("live").etag).etag == "3"
    made = SetAliasRequest(flow=tea.flow, alias="beta", targets=[to(1)], etag="0")
    assert tea.aliases.SetAlias(made, metadata=tea.metadata).alias.etag == "1"
    assert reason(refused(tea.aliases.SetAlias, made)) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")
    gone = DeleteAliasRequest(flow=tea.flow, alias="beta", etag="7")
    assert reason(refused(tea.aliases.DeleteAlias, gone)) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")


def test_movers_at_once_without_an_etag_take_turns(tea: Flows) -> None:
    tea.compile("one")
    tea.compile("two")
    moves = [
        tea.aliases.SetAlias.future(
            SetAliasRequest(flow=tea.flow, alias="live", targets=[to(1 + number % 2)]), metadata=tea.metadata
        )
        for number in range(6)
    ]
    assert {move.result().alias.flow for move in moves} == {tea.flow}
    ends = [(before, after) for _, before, after in reversed(tea.moves("live"))]
    assert all(one[1] == other[0] for one, other in pairwise(ends))


def test_a_flow_has_so_many_aliases_and_no_more(tea: Flows, refused: Any) -> None:
    tea.compile("one")
    for number in range(limits.ALIASES_MAX - 1):
        tea.set(f"a{number}", to(1))
    request = SetAliasRequest(flow=tea.flow, alias="one_more", targets=[to(1)])
    assert reason(refused(tea.aliases.SetAlias, request)) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "TOO_MANY_ALIASES",
    )
    tea.set("a0", to(1))


def test_live_stays_while_the_flow_does(tea: Flows, refused: Any) -> None:
    tea.compile("one")
    error = refused(tea.aliases.DeleteAlias, DeleteAliasRequest(flow=tea.flow, alias="live"))
    assert reason(error) == (grpc.StatusCode.FAILED_PRECONDITION, "FLOW_EXISTS")


@pytest.mark.parametrize(
    ("targets", "wrong"),
    [
        ([], ("targets", "expected 1 to 10, got 0")),
        ([to(1, 100)] * 11, ("targets", "expected 1 to 10, got 11")),
        ([to(1, 90), to(2, 9)], ("targets", "expected weights that add up to 100, got 99")),
        ([to(1, 90)], ("targets", "expected weights that add up to 100, got 90")),
        ([to(1, 100), to(2)], ("targets[1].weight", "expected 1 to 100, got 0")),
        ([to(1, 110), to(2, -10)], ("targets[0].weight", "expected 1 to 100, got 110")),
        ([to(1, 50), to(1, 50)], ("targets[1]", "expected each artifact once, got version 1 again")),
        ([AliasTarget(weight=100)], ("targets[0]", "expected a graph_id or a version, got neither")),
    ],
)
def test_targets_that_make_no_sense_are_refused(
    tea: Flows, refused: Any, targets: list[AliasTarget], wrong: tuple[str, str]
) -> None:
    tea.compile("one")
    tea.compile("two")
    request = SetAliasRequest(flow=tea.flow, alias="live", targets=targets)
    assert field(refused(tea.aliases.SetAlias, request)) == wrong


def test_artifact_of_another_flow_and_wrong_version_are_refused(
    tea: Flows, examples: dict[str, str], refused: Any
) -> None:
    own = tea.compile("one")
    other = SetAliasRequest(flow=tea.flow, alias="live", targets=[AliasTarget(graph_id=examples["hello"])])
    assert field(refused(tea.aliases.SetAlias, other)) == (
        "targets[0].graph_id",
        f"expected an artifact of flow {tea.flow}, got one of hello",
    )
    both = SetAliasRequest(flow=tea.flow, alias="live", targets=[AliasTarget(graph_id=own.graph_id, version=2)])
    assert field(refused(tea.aliases.SetAlias, both)) == (
        "targets[0].version",
        "expected 1, which that artifact has, got 2",
    )
    nowhere = SetAliasRequest(flow=tea.flow, alias="live", targets=[to(9)])
    assert reason(refused(tea.aliases.SetAlias, nowhere)) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


@pytest.mark.parametrize("alias", ["v3", "Live", "", "-", "a/b"])
def test_names_of_versions_and_bad_names_are_refused(tea: Flows, refused: Any, alias: str) -> None:
    tea.compile("one")
    request = SetAliasRequest(flow=tea.flow, alias=alias, targets=[to(1)])
    assert field(refused(tea.aliases.SetAlias, request))[0] == "alias"


def test_what_is_not_there_is_not_found(tea: Flows, refused: Any) -> None:
    tea.compile("one")
    for method, request in (
        (tea.aliases.GetAlias, GetAliasRequest(flow=tea.flow, alias="beta")),
        (tea.aliases.GetAlias, GetAliasRequest(flow="nowhere", alias="live")),
        (tea.aliases.ListAliases, ListAliasesRequest(flow="nowhere")),
        (tea.aliases.SetAlias, SetAliasRequest(flow="nowhere", alias="live", targets=[to(1)])),
        (tea.aliases.DeleteAlias, DeleteAliasRequest(flow=tea.flow, alias="beta")),
        (tea.aliases.ListAliasMoves, ListAliasMovesRequest(flow=tea.flow, alias="beta")),
        (tea.aliases.ListAliasMoves, ListAliasMovesRequest(flow="nowhere", alias="-")),
        (tea.artifacts.RetireArtifact, RetireArtifactRequest(graph_id="01J00000000000000000000000")),
        (tea.artifacts.RetireArtifact, RetireArtifactRequest(graph_id=f"{tea.flow}@live")),
    ):
        assert refused(method, request).code() is grpc.StatusCode.NOT_FOUND
