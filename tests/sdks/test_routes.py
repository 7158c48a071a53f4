"""Clients over HTTP and from the command line."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.codegen.sdk import python, typescript
from penstock.wire.gen.artifact_pb2 import Artifact
from tests.e2e.support import not_found, refusal, refused
from tests.harness import EXAMPLES, Server, running
from tests.sdks.pips import HERE


def path(artifact: str, rest: str) -> str:
    return f"/flows/v1/artifacts/{artifact}/sdk/{rest}"


@pytest.mark.parametrize(
    ("rest", "name"),
    [
        ("python", "penstock_echo-0.1.0.tar.gz"),
        ("python?flavour=betterproto2", "penstock_echo-0.1.0.tar.gz"),
        ("typescript", "penstock-echo-0.1.0.tgz"),
    ],
)
def test_archive_comes_under_its_name(
    rest: str, name: str, vectors_server: Server, artifacts: dict[str, Artifact]
) -> None:
    expected = (typescript if rest == "typescript" else python).archive(artifacts["echo"])
    answer = vectors_server.request("GET", path("echo", rest))
    assert (answer.status, answer.body) == (200, expected)
    assert answer.headers["Content-Type"] == "application/gzip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Etag"] == f'"{hashlib.sha256(expected).hexdigest()[:32]}"'


def test_other_flavour_is_another_archive(vectors_server: Server, artifacts: dict[str, Artifact]) -> None:
    answer = vectors_server.request("GET", path(artifacts["tick"].graph_id, "python?flavour=betterproto"))
    assert answer.body == python.archive(artifacts["tick"], "betterproto")


def test_archive_that_is_known_is_not_sent_again(vectors_server: Server) -> None:
    tag = vectors_server.request("GET", path("echo@live", "python")).headers["Etag"]
    answer = vectors_server.request("GET", path("echo@live", "python"), headers={"If-None-Match": tag})
    assert (answer.status, answer.body) == (304, b"")


def test_what_is_wrong_is_told(vectors_server: Server) -> None:
    def get(rest: str, flow: str = "echo") -> tuple[int, object]:
        return refusal(vectors_server.request("GET", path(flow, rest)))

    assert get("python?flavour=x") == refused("flavour", 'expected betterproto2 or betterproto, got "x"')
    assert get("python?x=1") == refused("x", "unknown parameter; known are: flavour", "UNKNOWN_PARAMETER")
    assert get("typescript?flavour=x") == refused("flavour", "unknown parameter; known are: none", "UNKNOWN_PARAMETER")
    assert get("cobol") == not_found("no such path: " + path("echo", "cobol"), "NO_SUCH_PATH")
    assert get("python", "nothing")[0] == 404


def test_nobody_without_a_key_gets_one(vectors_server: Server) -> None:
    assert vectors_server.request("GET", path("echo", "python"), key=None).status == 401


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (("--language", "python"), "penstock_tick-0.1.0.tar.gz"),
        (("--language", "typescript"), "penstock-tick-0.1.0.tgz"),
    ],
)
def test_command_writes_the_archive_and_prints_where(
    options: tuple[str, ...], name: str, vectors_server: Server, artifacts: dict[str, Artifact], tmp_path: Path
) -> None:
    done = command(vectors_server, "tick", *options, "--out", str(tmp_path / "new" / "folder"))
    file = tmp_path / "new" / "folder" / name
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{file}\n", "")
    assert file.read_bytes() == (typescript if name.endswith("tgz") else python).archive(artifacts["tick"])


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("nothing", "--language", "python"), 1, "there is no flow nothing@live"),
        (
            ("tick", "--language", "typescript", "--flavour", "betterproto"),
            2,
            "--flavour is for --language python alone",
        ),
    ],
)
def test_command_says_in_a_line_what_is_wrong(
    words: tuple[str, ...], code: int, complaint: str, vectors_server: Server, tmp_path: Path
) -> None:
    done = command(vectors_server, *words, "--out", str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (code, "", f"penstock: {complaint}\n")


def test_server_without_what_writes_it_says_what_installs_it() -> None:
    with running(EXAMPLES / "hello", environment={"PYTHONPATH": str(HERE / "hooks")}) as server:
        status, body = refusal(server.request("GET", path("hello", "python")))
        typescript_status = server.request("GET", path("hello", "typescript")).status
    sentence = "clients in Python need betterproto2-compiler, which is not installed: pip install 'penstock[sdk]'"
    assert (status, body["error"], body["reason"]) == (501, sentence, "SDK_NOT_INSTALLED")
    assert typescript_status == 200


def command(server: Server, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PENSTOCK_URL": server.info["http_url"], "PENSTOCK_API_KEY": server.key}
    full = [sys.executable, "-m", "penstock.cli", "sdk", *words]
    return subprocess.run(full, capture_output=True, text=True, check=False, env=environment)
