"""The TypeScript client in a browser, on a page of the server itself."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from penstock.codegen.sdk.typescript import archive
from penstock.wire.gen.artifact_pb2 import Artifact
from tests.browser.devtools import chromium, launch
from tests.harness import Server

MODULES = ("errors.js", "json.js", "events.js", "http.js", "client.js", "index.js")
"""Those that are imported first."""

CALL = """(async () => {
  const urls = {};
  for (const [name, text] of %(modules)s) {
    const linked = text.replace(/from "\\.\\/([a-z]+\\.js)"/g, (_, other) => `from "${urls[other]}"`);
    urls[name] = URL.createObjectURL(new Blob([linked], { type: "text/javascript" }));
  }
  const { Client } = await import(urls["index.js"]);
  const client = new Client({ url: location.origin, apiKey: %(key)s });
  const streamed = [];
  for await (const tick of client.stream({ count: 3, step: 2 })) streamed.push(tick.total);
  const { executionId } = await client.start({ count: 2 });
  const end = await client.wait(executionId);
  const resumed = [];
  for await (const tick of client.resume(executionId)) resumed.push(tick.index);
  const error = await client.cancel(executionId).catch((raised) => raised);
  return { streamed, end, resumed, error: error.name };
})()"""


@pytest.mark.skipif(chromium() is None, reason="no chromium on PATH")
async def test_client_works_in_a_browser(
    vectors_server: Server, artifacts: dict[str, Artifact], tmp_path: Path
) -> None:
    package = archive(artifacts["tick"])
    modules = [(name, _text(package, name)) for name in MODULES]
    call = CALL % {"modules": json.dumps(modules), "key": json.dumps(vectors_server.key)}
    async with launch(chromium() or "", tmp_path / "profile") as browser, browser.tab() as tab:
        await tab.navigate(f"{vectors_server.info['http_url']}/openapi.json")
        found = await tab.evaluate(call)
    assert found == {"streamed": ["2", "4", "6"], "end": None, "resumed": [0, 1], "error": "Conflict"}


def _text(package: bytes, name: str) -> str:
    with tarfile.open(fileobj=io.BytesIO(package)) as tar:
        member = tar.extractfile(f"package/dist/{name}")
        assert member is not None
        return member.read().decode()
