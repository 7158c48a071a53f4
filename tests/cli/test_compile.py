"""`penstock compile`, in this process and against a scripted server."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path

import pytest

from penstock.engine.nodes.archive import digest, pack
from tests.cli.conftest import Penstock
from tests.cli.fake_server import Answer, FakeServer, refusal

NODES = """
from dataclasses import dataclass
from penstock.sdk import node

@dataclass
class Text:
    text: str

@node
def shout(text: Text) -> Text:
    return Text(text.text.upper())
"""
PUBLISH = "POST /packages/v1/packages"


def make_package(folder: Path, **flows: str) -> Path:
    """A package named after its folder, with one node `shout` and flow files."""
    (folder / "flows").mkdir(parents=True)
    (folder / "penstock.yaml").write_text(f'name: {folder.name}\nversion: "1"\n')
    (folder / "nodes.py").write_text(NODES)
    for name, text in flows.items():
        (folder / "flows" / f"{name}.yaml").write_text(text)
    return folder


def flow(name: str, use: str) -> str:
    return f"flow: {name}\nnodes:\n  only: {{use: {use}}}\n"


def artifact(name: str, version: int) -> dict[str, object]:
    service = f"flows.{name}.v{version}.{name.title()}"
    return {
        "graph_id": f"01K{name.upper():0<23}",
        "flow": name,
        "version": version,
        "mode": "UNARY",
        "service": service,
    }


def test_packages_are_published_then_their_flows_compiled(server: FakeServer, penstock: Penstock) -> None:
    first = make_package(Path("packages/first"), alpha=flow("alpha", "second/shout"))
    second = make_package(Path("packages/second"), beta=flow("beta", "second/shout"))
    server.on(PUBLISH, Answer({"name": "first"}), Answer({"name": "second"}))
    server.on("POST /flows/v1/flows/alpha:compile", Answer(artifact("alpha", 12)))
    server.on("POST /flows/v1/flows/beta:compile", Answer(artifact("beta", 1)))
    outcome = penstock("compile", "packages")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "FLOW   VERSION  MODE   GRAPH_ID                    SERVICE",
        "alpha  12       UNARY  01KALPHA000000000000000000  flows.alpha.v12.Alpha",
        "beta   1        UNARY  01KBETA0000000000000000000  flows.beta.v1.Beta",
    ]
    archives = [b64decode(request.body["archive"]) for request in server.requests[:2]]
    assert [digest(archive) for archive in archives] == [digest(pack(first)), digest(pack(second))]
    assert server.requests[2].body == {"definition": {"flow": "alpha", "nodes": {"only": {"use": "second/shout"}}}}


def test_everything_that_does_not_compile_is_told_and_the_rest_goes_on(server: FakeServer, penstock: Penstock) -> None:
    make_package(Path("p"), a="flow: a\nnods: {}\n", b=flow("b", "p/nosuch"), c=flow("c", "p/shout"))
    server.on(PUBLISH, Answer({"name": "p"}))
    server.on(
        "POST /flows/v1/flows/b:compile",
        refusal("flow b does not compile: …", "INVALID_ARGUMENT", 400, (("only", "p has no nosuch"), ("", "more"))),
    )
    server.on("POST /flows/v1/flows/c:compile", Answer(artifact("c", 1)))
    outcome = penstock("compile", "p", "--output", "json")
    found = json.loads(outcome.out)
    assert (outcome.code, outcome.err, found["artifacts"]) == (1, "", [artifact("c", 1)])
    assert [problem for problem in found["problems"] if problem["path"] == "p/flows/b.yaml"] == [
        {"path": "p/flows/b.yaml", "problem": "only: p has no nosuch"},
        {"path": "p/flows/b.yaml", "problem": "more"},
    ]
    assert {problem["problem"].split(":")[0] for problem in found["problems"][:-2]} == {"line 1", "line 2"}


def test_package_that_is_refused_is_told_by_its_folder(server: FakeServer, penstock: Penstock) -> None:
    make_package(Path("p"))
    server.on(PUBLISH, refusal("package p does not load: boom", "INVALID_ARGUMENT", 400))
    outcome = penstock("compile", "p")
    assert (outcome.code, outcome.out, outcome.err) == (1, "", "p: package p does not load: boom\n")


def test_check_needs_no_server(penstock: Penstock) -> None:
    make_package(Path("p"), a=flow("a", "p/shout"))
    outcome = penstock("compile", "p", "--check")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == ["FLOW  MODE   INPUT   OUTPUT", "a     UNARY  p.Text  p.Text"]


def test_flow_is_sent_after_those_that_it_runs(server: FakeServer, penstock: Penstock) -> None:
    make_package(Path("p"), a="flow: a\nnodes: {child: {flow: b@live}}\n", b=flow("b", "p/shout"))
    server.on(PUBLISH, Answer({"name": "p"}))
    server.on("POST /flows/v1/flows/a:compile", Answer(artifact("a", 1)))
    server.on("POST /flows/v1/flows/b:compile", Answer(artifact("b", 1)))
    assert penstock("compile", "p").code == 0
    assert [request.body["definition"]["flow"] for request in server.requests[1:]] == ["b", "a"]


def test_check_knows_the_flows_of_the_same_folders(penstock: Penstock) -> None:
    make_package(Path("p"), a="flow: a\nnodes: {child: {flow: b@live}, more: {flow: c}}\nedges: [child -> more]\n")
    make_package(Path("q"), b=flow("b", "q/shout"))
    outcome = penstock("compile", "p", "q", "--check")
    assert (outcome.code, outcome.err) == (1, "p/flows/a.yaml: node more: there is no flow c\n")
    assert outcome.out.splitlines() == ["FLOW  MODE   INPUT   OUTPUT", "b     UNARY  q.Text  q.Text"]


def test_check_tells_every_problem_with_its_file(penstock: Penstock) -> None:
    make_package(Path("good"), a=flow("a", "good/nosuch"), b="flow: b\nnods: {}\nnodes: {x: {use: good/shout}}\n")
    broken = make_package(Path("broken"))
    (broken / "nodes.py").write_text("raise RuntimeError('boom')\n")
    outcome = penstock("compile", "good", "broken", "--check")
    assert (outcome.code, outcome.out) == (1, "")
    assert [line.split(": ")[0] for line in outcome.err.splitlines()] == [
        "broken",
        "good/flows/a.yaml",
        "good/flows/b.yaml",
    ]
    assert "boom" in outcome.err
    assert "line 2: unknown key nods" in outcome.err


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("nosuch", "nosuch: expected a folder, got nothing"),
        ("file", "file: expected a folder, got a file"),
        ("empty", "empty: expected penstock.yaml in it or in a folder below it, found none"),
    ],
)
def test_path_without_a_package_is_wrong_usage(path: str, problem: str, penstock: Penstock) -> None:
    Path("empty").mkdir()
    Path("file").touch()
    outcome = penstock("compile", path)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", f"penstock: {problem}\n")


def test_package_named_twice_is_compiled_once(server: FakeServer, penstock: Penstock) -> None:
    make_package(Path("packages/p"))
    server.on(PUBLISH, Answer({"name": "p"}))
    assert penstock("compile", "packages", "packages/p").code == 0


def test_a_breaking_change_is_told_with_the_way_to_allow_it(server: FakeServer, penstock: Penstock) -> None:
    make_package(Path("p"), a=flow("a", "p/shout"))
    server.on(PUBLISH, Answer({"name": "p"}))
    server.on(
        "POST /flows/v1/flows/a:compile",
        refusal(
            "callers would break", "FAILED_PRECONDITION", 409, (("input.text", "field is gone"),), "BREAKING_CHANGE"
        ),
    )
    outcome = penstock("compile", "p")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.splitlines() == [
        "p/flows/a.yaml: input.text: field is gone",
        "p/flows/a.yaml: its callers would break: --allow-breaking compiles it nevertheless",
    ]


def test_what_breaks_is_told_when_it_is_allowed(server: FakeServer, penstock: Penstock) -> None:
    make_package(Path("p"), a=flow("a", "p/shout"))
    server.on(PUBLISH, Answer({"name": "p"}))
    change = {"rule": "FIELD_SAME_NAME", "levels": ["JSON", "SOURCE"], "path": "input.text", "message": "was x, is y"}
    server.on("POST /flows/v1/flows/a:compile", Answer(artifact("a", 2) | {"diff": {"changes": [change]}}))
    outcome = penstock("compile", "p", "--allow-breaking")
    assert (outcome.code, outcome.out.splitlines()[2:]) == (0, ["a breaks JSON, SOURCE: input.text: was x, is y"])
    assert server.requests[1].body["allow_breaking"] is True


def test_a_validation_publishes_nothing_and_sends_the_packages_that_a_flow_uses(
    server: FakeServer, penstock: Penstock
) -> None:
    first = make_package(Path("packages/first"), alpha=flow("alpha", "first/shout"))
    make_package(Path("packages/second"), beta=flow("beta", "elsewhere/shout"))
    server.on("POST /flows/v1/flows/alpha:compile", Answer(artifact("alpha", 1)))
    server.on("POST /flows/v1/flows/beta:compile", Answer(artifact("beta", 1)))
    assert penstock("compile", "packages", "--validate-only").code == 0
    alpha, beta = (request.body for request in server.requests)
    assert (alpha["validate_only"], beta["validate_only"], beta["archives"]) == (True, True, [])
    assert [digest(b64decode(archive)) for archive in alpha["archives"]] == [digest(pack(first))]


def test_a_check_and_a_validation_exclude_each_other(penstock: Penstock) -> None:
    make_package(Path("p"))
    assert penstock("compile", "p", "--check", "--validate-only").code == 2
