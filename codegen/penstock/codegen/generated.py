"""The first line of a generated file: what it comes from, and that nobody edits it."""

from __future__ import annotations

GENERATOR = "penstock.codegen"
ALL_PROTOS = "proto/penstock/v1/*.proto"


def header(source: str = ALL_PROTOS) -> str:
    """Without a comment sign, which depends on the language."""
    return f"Generated from {source} by {GENERATOR}. DO NOT EDIT."
