"""`penstock executions verify`: checks the chain of hashes and the signature of an exported document."""

from __future__ import annotations

import base64
import binascii
from argparse import Namespace
from typing import Any

from penstock.cli.client import JsonObject
from penstock.cli.errors import CliError, UsageError
from penstock.cli.exports.export_document import read_document
from penstock.cli.table import one_line
from penstock.engine.domain.chain import Chain
from penstock.engine.rpc.exports.export_document import signed_text
from penstock.engine.storage.audit_keys import KEY_BYTES, Signature, is_genuine, key_id

_BEHIND = ("nodes", "attempts", "pauses")
_NOT_FIRST = ("events", *_BEHIND, "chain", "signature")


def run(args: Namespace) -> int:
    """Raises CliError, with exit code 1, when something was changed."""
    expected = None if args.key is None else _key(args.key)
    document = read_document(args.file)
    try:
        head = _check_chain(document)
        signer = _check_signature(document, head, expected)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise CliError(f"{args.file}: it was changed: it has not the form of an export any more") from None
    except CliError as error:
        raise CliError(f"{args.file}: {error}") from None
    execution_id = one_line(str(document["execution"].get("execution_id")))
    print(f"execution {execution_id}: {len(document['events'])} events, nothing was changed since the export")
    print(signer)
    return 0


def _check_chain(document: JsonObject) -> str:
    """The head of the chain. Raises CliError that says where it breaks."""
    chain = Chain()
    chain.add({name: value for name, value in document.items() if name not in _NOT_FIRST})
    for place, exported in enumerate(document["events"], 1):
        if exported["event"]["sequence"] != place:
            raise CliError(f"it was changed: event {place} is missing or not in its place")
        expected = chain.add({name: value for name, value in exported.items() if name != "hash"})
        if exported["hash"] != expected:
            before = " or what stands before the events" if place == 1 else ""
            raise CliError(f"it was changed: event {place}{before} does not have the hash that it shows")
    for name in _BEHIND:
        for value in document[name]:
            chain.add(value)
    told = document["chain"]
    if told["event_count"] != len(document["events"]) or told["head"] != chain.head.hex():
        raise CliError("it was changed behind its last event: the chain does not end in the hash that it shows")
    return chain.head.hex()


def _check_signature(document: JsonObject, head: str, expected: bytes | None) -> str:
    """A sentence on who signed it. Raises CliError."""
    found: Any = document.get("signature")
    if found is None:
        if expected is not None:
            raise CliError("it is not signed")
        return "not signed: whoever changed it may have made the hashes anew"
    signature = Signature(_bytes(found["public_key"]), _bytes(found["value"]))
    if not is_genuine(signature, signed_text(head)):
        raise CliError("its signature does not hold")
    name = key_id(signature.public_key)
    if expected is not None and signature.public_key != expected:
        raise CliError(f"it is signed by key {name}, not by key {key_id(expected)}")
    return f"signed by key {name}" + ("" if expected else "; --key says whether that is the key you know")


def _key(text: str) -> bytes:
    try:
        key = _bytes(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise UsageError(f"--key: expected {KEY_BYTES} bytes in base64, as `penstock keys audit` prints them")
    return key


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
