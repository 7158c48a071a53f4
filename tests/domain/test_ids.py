"""Ids have the shape that others know them by, and sort by time."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.engine.domain.ids import execution_id, graph_id, is_execution_id, is_graph_id

# 48 bits of milliseconds last until the year 10889; datetime ends before.
times_us = st.integers(0, int(datetime(9999, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000)
randoms = st.integers(0, 2**128 - 1)
ALL_ONES = 2**128 - 1


def test_execution_id_of_the_rfc_example_time() -> None:
    # RFC 9562, appendix A.6: 2022-02-22T19:22:22.000Z.
    random_bits = 0x18C4DC0C0C07398F
    assert execution_id(1645557742000_000, random_bits) == "017f22e279b0700098c4dc0c0c07398f"


def test_graph_id_of_the_example_of_the_ulid_specification() -> None:
    # Time of the specification's example 01ARZ3NDEKTSV4RRFFQ69G5FAV, whose random part is its last 16 characters.
    value = 0
    for character in "TSV4RRFFQ69G5FAV":
        value = value * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(character)
    assert graph_id(1469922850259_000, value) == "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@given(times_us, randoms)
def test_execution_id_is_a_uuid_of_version_7_and_tells_its_time(time_us: int, random_bits: int) -> None:
    text = execution_id(time_us, random_bits)
    uuid = UUID(text)
    assert (uuid.hex, uuid.version, uuid.variant) == (text, 7, RFC_4122)
    assert uuid.int >> 80 == time_us // 1000
    assert (uuid.int >> 64 & 0xFFF) * 1000 / 4096 == pytest.approx(time_us % 1000, abs=0.25)
    assert is_execution_id(text)


@given(times_us, randoms)
def test_graph_id_is_a_ulid(time_us: int, random_bits: int) -> None:
    text = graph_id(time_us, random_bits)
    assert is_graph_id(text)
    value = 0
    for character in text:
        value = value * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(character)
    assert value == (time_us // 1000) << 80 | random_bits % 2**80


@given(times_us, randoms, randoms)
def test_execution_ids_sort_by_the_microsecond(time_us: int, earlier: int, later: int) -> None:
    assert execution_id(time_us, earlier) < execution_id(time_us + 1, later)


@given(times_us, randoms, randoms)
def test_graph_ids_sort_by_the_millisecond(time_us: int, earlier: int, later: int) -> None:
    assert graph_id(time_us, earlier) < graph_id(time_us + 1000, later)


def test_more_random_bits_than_there_is_room_for_leave_the_rest_alone() -> None:
    assert execution_id(0, ALL_ONES) == "0000000000007000bfffffffffffffff"
    assert graph_id(0, ALL_ONES) == "0000000000ZZZZZZZZZZZZZZZZ"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "017f22e279b0700098c4dc0c0c07398",
        "017f22e279b0700098c4dc0c0c07398f0",
        "017F22E279B0700098C4DC0C0C07398F",
        "017f22e2-79b0-7000-98c4-dc0c0c07398f",
        "017f22e279b0700098c4dc0c0c07398g",
        "017f22e279b0700098c4dc0c0c07398f\n",
        "\u066017f22e279b0700098c4dc0c0c07398f",
    ],
)
def test_text_of_another_shape_is_no_execution_id(text: str) -> None:
    assert not is_execution_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01ARZ3NDEKTSV4RRFFQ69G5FA",
        "01ARZ3NDEKTSV4RRFFQ69G5FAVV",
        "01arz3ndektsv4rrffq69g5fav",
        "81ARZ3NDEKTSV4RRFFQ69G5FAV",
        "01ARZ3NDEKTSV4RRFFQ69G5FAU",
        "01ARZ3NDEKTSV4RRFFQ69G5FAI",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV\n",
    ],
)
def test_text_of_another_shape_is_no_graph_id(text: str) -> None:
    assert not is_graph_id(text)
