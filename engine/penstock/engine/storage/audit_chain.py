"""The chain that the records of the audit log form: how each is spelled, and what binds it to the one before."""

from __future__ import annotations

import hashlib

import orjson

from penstock.engine.domain.audit import Record

START = bytes(32)
"""What stands before the first record of an account."""


def spell(number: int, record: Record) -> bytes:
    """A record as it is kept, and as its hash is made of it: a JSON array without spaces."""
    return orjson.dumps((number, *record))


def read(text: str) -> Record:
    """The record that is spelled so."""
    return Record(*orjson.loads(text)[1:])


def link(before: bytes, text: bytes) -> bytes:
    """The hash of a record that follows the one with the hash `before`."""
    return hashlib.sha256(before + text).digest()
