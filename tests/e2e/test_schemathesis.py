"""schemathesis, which tries what an OpenAPI document allows and forbids, finds nothing wrong with the server.

Two of its checks cannot hold. Protobuf JSON is told in one spelling and read in several: null for a member that
is left out, numbers as text. And what the fixed API takes is more than schemas can say: filters, page tokens,
archives, flows that compile.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import PROTOBUF
from tests.harness import EXAMPLES, Server

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
READ_IN_MORE_SPELLINGS = "negative_data_rejection"
TAKES_LESS_THAN_ITS_SCHEMA = "positive_data_acceptance"
NEVER_ENDS = "/invocations/v1/executions:watch"


def try_all(server: Server, path: str, folder: Path, *, examples: int, without: tuple[str, ...]) -> None:
    """Fails with its report. `examples` is for each operation and phase, `without` names checks."""
    document = folder / "openapi.json"
    document.write_text(json.dumps(tryable(server.request("GET", path).json)))
    words = ["run", str(document), "--url", server.info["http_url"], "--header", f"Authorization: Bearer {server.key}"]
    words += ["--exclude-path", NEVER_ENDS]
    words += ["--max-examples", str(examples), "--seed", "1", "--no-color", "--exclude-checks", ",".join(without)]
    done = subprocess.run([SCHEMATHESIS, *words], cwd=folder, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr


def tryable(value: Any) -> Any:
    """The document without what schemathesis cannot make: bodies in protobuf, and URLs of hosts that may be called."""
    if isinstance(value, dict):
        return {name: tryable(inner) for name, inner in value.items() if name not in (PROTOBUF, "webhook")}
    return [tryable(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("flow", ["class", "import"])
def test_nothing_is_wrong_with_an_artifact(
    odd: Server, flow: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = f"/flows/v1/artifacts/{flow}/openapi.json"
    # Of a seed, so that each run tries the same: more of them is for those who have the time.
    examples = 50 if request.config.getoption("--soak") else 5
    try_all(odd, path, tmp_path, examples=examples, without=(READ_IN_MORE_SPELLINGS,))


def test_nothing_is_wrong_with_the_fixed_api(serve: Callable[..., Server], tmp_path: Path) -> None:
    without = (READ_IN_MORE_SPELLINGS, TAKES_LESS_THAN_ITS_SCHEMA)
    try_all(serve(EXAMPLES), "/openapi.json", tmp_path, examples=3, without=without)
