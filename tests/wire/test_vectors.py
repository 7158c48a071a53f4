"""Golden vectors of types of every kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import json_format

from penstock.wire.types import TypePool
from penstock.wire.vectors import Face, vectors

KINDS = [
    *(f"every.kind.{name}" for name in ("Item", "Scalars", "Optionals", "Lists", "Maps", "Choice", "Wrapped")),
    *(f"every.kind.{name}" for name in ("WellKnown", "Tree", "Names", "HardNames", "Nothing", "Everything")),
    *(f"every.edition.{name}" for name in ("Part", "Whole")),
]
GREATEST = (b"3.4028235e+38", b"3.4028234e+38")
"""The greatest float as it is printed, which json_format does not read, and another text for it that it reads."""


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_the_same_in_each_run_and_each_has_a_name(kind: str, every: TypePool) -> None:
    table = vectors(every, kind)
    assert table == vectors(every, kind)
    assert len({vector.name for vector in table}) == len(table)


@pytest.mark.parametrize("kind", KINDS)
def test_protobufs_own_json_reads_to_the_same_message(kind: str, every: TypePool) -> None:
    new = every.message(kind)
    for vector in vectors(every, kind):
        if vector.json is not None:
            read = json_format.Parse(vector.json.replace(*GREATEST), new(), descriptor_pool=every.pool)
            assert read.SerializeToString(deterministic=True) == vector.carried(Face.JSON), vector.name


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_the_json_fit_a_double(kind: str, every: TypePool) -> None:
    for vector in vectors(every, kind):
        integers = [n for n in _numbers(json.loads(vector.json or b"{}")) if isinstance(n, int)]
        assert [n for n in integers if abs(n) > 2**53] == [], vector.name


def test_what_a_face_cannot_carry_is_said(every: TypePool) -> None:
    table = vectors(every, "every.kind.WellKnown")
    losses = {vector.name: [(loss.face, loss.why, loss.proto) for loss in vector.losses] for vector in table}
    not_finite = "struct.number: expected number that JSON has, got a number that is not finite"
    assert losses["nothing is set"] == []
    assert losses["unknown fields"] == [(Face.JSON, "JSON has no unknown fields", b"")]
    assert losses["struct: with a number that JSON has not"] == [
        (Face.JSON, f"JSON has no form for it: {not_finite}", None)
    ]
    assert losses["time: 0 s 1 ns"] == [(Face.PYTHON, "a datetime and a timedelta have microseconds", b"\n\x00")]


def _numbers(value: Any) -> Iterator[int | float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value
