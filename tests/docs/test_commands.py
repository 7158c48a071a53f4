"""Every command that a document shows is run, and gives what the document shows."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.cli.folders import find_packages
from penstock.cli.local.check import check
from tests.docs.documents import DOCUMENTS, Command, blocks, commands
from tests.docs.reader import Reader, grpcurl, is_server
from tests.docs.shown import Shown
from tests.harness import EXAMPLES, Server

WITH_COMMANDS = [document for document in DOCUMENTS if commands(document)]
INTERRUPT = "^C"

EXPECTED = {
    "fulfil": "fulfil/expected.json",
    "hello": "hello/expected.json",
    "logs": "logs/expected.jsonl",
    "orders": "orders/expected.json",
    "shipping": "shipping/expected.json",
}
"""Flow -> what it gives for the input that `penstock dev` prints."""

DRAWINGS = {"text", "mermaid"}
"""Languages of blocks that are looked at, not typed."""


@pytest.fixture
def workplace(folder: Path) -> Path:
    """Where a reader works: below a folder that takes what the reader leaves beside it."""
    inside = folder / "penstock"
    inside.mkdir()
    return inside


@pytest.mark.parametrize("document", WITH_COMMANDS)
def test_commands_give_what_the_document_shows(document: str, workplace: Path, request: pytest.FixtureRequest) -> None:
    reader = new_reader(document, workplace, request)
    write_files(document, workplace)
    shown = Shown()
    try:
        for command in commands(document):
            if not needs_what_is_missing(command):
                type_in(reader, command, shown)
    finally:
        reader.close()
    check_packages(document, workplace)


def new_reader(document: str, workplace: Path, request: pytest.FixtureRequest) -> Reader:
    """One who starts servers, if the document does, else one who uses the server that all tests share."""
    if any(is_server(command.text) for command in commands(document)):
        return Reader(workplace)
    server: Server = request.getfixturevalue("server")
    (workplace / ".penstock").symlink_to(server.data_dir)
    return Reader(workplace, server.info["http_url"].removeprefix("http://"), server.info["grpc_address"])


def write_files(document: str, workplace: Path) -> None:
    for block in blocks(document):
        if block.file:
            path = workplace / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")


def needs_what_is_missing(command: Command) -> bool:
    return "grpcurl" in command.text and grpcurl() is None


def type_in(reader: Reader, command: Command, shown: Shown) -> None:
    text = shown.command(command.text)
    if is_server(text):
        expected, interrupt, rest = command.output.partition(INTERRUPT)
        came = reader.serve(text, lambda output: shown.matches(expected, output))
        if interrupt:
            expected, came = expected + rest.removeprefix("\n"), came + reader.interrupt()
    else:
        expected, came = command.output, reader.run(text)
    assert shown.matches(expected, came), f"{command.place}: $ {text}\n--- shown\n{expected}\n--- came\n{came}"


def check_packages(document: str, workplace: Path) -> None:
    """The packages that the document shows compile, but for those that it calls wrong."""
    roots = {
        workplace / block.file.partition("/")[0] for block in blocks(document) if block.file.endswith("penstock.yaml")
    }
    right = sorted(root for root in roots if not root.name.startswith("wrong"))
    assert asyncio.run(check(find_packages(right)))[1] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_block_is_a_drawing_or_typed_or_a_file(document: str) -> None:
    others = [
        f"{block.document}:{block.line} {block.language}"
        for block in blocks(document)
        if not (block.language == "console" or block.language in DRAWINGS or block.file)
    ]
    assert others == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_console_blocks_begin_with_a_command(document: str) -> None:
    outputs = [block.line for block in blocks(document) if block.language == "console" and block.text[:2] != "$ "]
    assert outputs == []


def test_every_printed_line_gives_the_expected_output_of_its_example(server: Server, workplace: Path) -> None:
    lines = [line.strip() for line in server.greeting.splitlines() if line.strip().startswith(("curl ", "grpcurl "))]
    assert len(lines) == 2 * len(EXPECTED)
    reader = Reader(workplace)
    try:
        came = {line: outputs(reader.run(line)) for line in lines if grpcurl() or line.startswith("curl ")}
    finally:
        reader.close()
    assert came == {line: expected_outputs(line) for line in came}


def expected_outputs(line: str) -> list[Any]:
    file = next(file for flow, file in EXPECTED.items() if f'"flow": "{flow}"' in line)
    return list(json_documents((EXAMPLES / file).read_text(encoding="utf-8")))


def outputs(answer: str) -> list[Any]:
    """The output of an invocation, or the payloads of its frames."""
    found = json_documents(re.sub(r"^(?:id: .*|data: )", "", answer, flags=re.MULTILINE))
    return [one["payload"] if "payload" in one else one["result"]["output"] for one in found if not one.get("is_final")]


def json_documents(text: str) -> Iterator[Any]:
    """JSON documents that stand one after the other."""
    decoder = json.JSONDecoder()
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        yield value
        text = text[end:]
