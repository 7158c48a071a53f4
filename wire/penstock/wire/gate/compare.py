"""Holds all rules against two artifacts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from penstock.wire.gate import enum_rules, field_rules, file_rules, message_rules, method_rules
from penstock.wire.gate.change import LEVELS, Change
from penstock.wire.gate.contract import Contract, Enum, Field, Message, Pair, read_contract
from penstock.wire.gen.artifact_pb2 import Artifact

_Found = Iterator[tuple[str, str, str]]
"""(rule, path, what) of each change."""


def compare(before: Artifact, after: Artifact) -> tuple[Change, ...]:
    """What breaks for callers of `before` when `after` takes its place; () when nothing does.

    Both are in the FULL view. A message that callers of `after` no longer get at is gone, wherever else it is
    used. Rules of buf about extensions and about what one language alone makes of a field are left out.
    """
    was, now = read_contract(before), read_contract(after)
    found = chain(_methods(was, now), _files(was, now), _messages(was, now), _enums(was, now))
    return tuple(Change(rule, LEVELS[rule], path, what) for rule, path, what in found)


def _methods(before: Contract, after: Contract) -> _Found:
    for rule, check in method_rules.CONTRACT_RULES.items():
        for path, what in check(before, after):
            yield rule, path, what
    for name in [name for name in before.methods if name in after.methods]:
        for rule, judge in method_rules.METHOD_RULES.items():
            if found := judge(before.methods[name], after.methods[name]):
                yield rule, name, found


def _files(before: Contract, after: Contract) -> _Found:
    for name in _files_of(before):
        file = before.files[name]
        if name not in after.files:
            yield "FILE_NO_DELETE", name, f"file {name} is gone"
            continue
        for rule, check in file_rules.RULES.items():
            for what in check(file, after.files[name]):
                yield rule, name, what


def _files_of(contract: Contract) -> list[str]:
    """Names of the files that callers need."""
    seen = [message.descriptor.file for message in contract.messages.values()]
    seen += [enum.descriptor.file for enum in contract.enums.values()]
    return list(dict.fromkeys(file.name for file in seen if file.name in contract.files))


def _messages(before: Contract, after: Contract) -> _Found:
    for name, message in before.messages.items():
        now = after.messages.get(name)
        if _is_gone(message, now, after):
            yield "MESSAGE_NO_DELETE", message.path, f"message {name} {_fate(message, now)}"
        if now is not None:
            yield from _message(Pair(message, now))


def _message(pair: Pair[Message]) -> _Found:
    for rule, check in message_rules.RULES.items():
        for path, what in check(pair):
            yield rule, path, what
    for number, descriptor in pair.before.descriptor.fields_by_number.items():
        if number in pair.after.descriptor.fields_by_number:
            now = Field(pair.after.descriptor.fields_by_number[number], pair.after)
            yield from _field(Pair(Field(descriptor, pair.before), now))


def _field(pair: Pair[Field]) -> _Found:
    for rule, check in field_rules.RULES.items():
        if what := check(pair):
            yield rule, pair.before.path, what


def _enums(before: Contract, after: Contract) -> _Found:
    for name, enum in before.enums.items():
        now = after.enums.get(name)
        if _is_gone(enum, now, after):
            yield "ENUM_NO_DELETE", enum.path, f"enum {name} {_fate(enum, now)}"
        if now is not None:
            for rule, check in enum_rules.RULES.items():
                for what in check(Pair(enum, now)):
                    yield rule, enum.path, what


def _is_gone(before: Message | Enum, now: Message | Enum | None, after: Contract) -> bool:
    """Whether it is no longer in its file. A file that is gone, or of another package, was told of already."""
    file = before.descriptor.file
    if file.name not in after.files or after.files[file.name].package != file.package:
        return False
    return now is None or now.descriptor.file.name != file.name


def _fate(before: Message | Enum, now: Message | Enum | None) -> str:
    if now is None:
        return "is gone"
    return f"was in file {before.descriptor.file.name} and is in {now.descriptor.file.name}"
