"""How a field is marked, and that nothing but the one place shows what flows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from penstock.engine.nodes.derive import derive
from penstock.engine.nodes.schema import read_schema
from penstock.engine.rpc.access import showing
from penstock.sdk import sensitive

READERS = {
    "acts/again.py": "a patch and what it changes, for another execution",
    "explain/explanation_actions.py": "an empty message, as an example",
    "exports/export_payloads.py": "shown",
    "messages.py": "shown",
    "settings/policy_testing.py": "shown",
    "values.py": "what a caller gives",
    "views/payload_parts.py": "shown",
}
"""Files below `rpc` that read messages of artifacts, and why they show nothing that is sensitive."""


@dataclass
class Card:
    number: Annotated[str, sensitive]
    holder: str = ""


@dataclass
class Order:
    card: Annotated[Card, sensitive]
    pin: Annotated[int, "int32", sensitive]
    note: Annotated[str | None, sensitive] = None
    code: Annotated[str, sensitive] | None = None
    words: list[Annotated[str, sensitive]] = field(default_factory=list)
    by_name: dict[str, Annotated[str, sensitive]] = field(default_factory=dict)
    open: str = ""


def test_a_mark_stands_on_a_field_or_within_its_type() -> None:
    schema, problems = read_schema([Order])
    assert problems == []
    file = FileDescriptorSet.FromString(derive("shop", schema, None)).file[-1]
    marked = {
        message.name: [each.name for each in message.field if each.options.debug_redact]
        for message in file.message_type
    }
    assert marked == {"Order": ["card", "pin", "note", "code", "words", "by_name"], "Card": ["number"]}
    order = next(message for message in file.message_type if message.name == "Order")
    assert not any(each.options.debug_redact for entry in order.nested_type for each in entry.field)


def test_whoever_reads_messages_to_show_them_asks_the_one_place() -> None:
    rpc = Path(showing.__file__).parents[1]
    found = {
        str(path.relative_to(rpc)): text
        for path in rpc.rglob("*.py")
        if "types.message(" in (text := path.read_text(encoding="utf-8"))
    }
    assert set(found) == set(READERS)
    assert {name for name, text in found.items() if "shown(program" in text} == {
        name for name, why in READERS.items() if why == "shown"
    }
