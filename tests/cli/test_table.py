"""Tables and the words in them."""

import pytest

from penstock.cli.human import failure, span
from penstock.cli.table import one_line, render

ROWS = [("a1", "something went wrong here"), ("b22", "")]


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    assert render(("ID", "ERROR"), ROWS) == "ID   ERROR\na1   something went wrong here\nb22"


def test_flexible_column_is_cut_to_fit_the_terminal() -> None:
    assert render(("ID", "ERROR"), ROWS, width=15, flexible="ERROR") == "ID   ERROR\na1   something…\nb22"


def test_column_keeps_a_readable_rest_on_a_terminal_that_is_too_narrow() -> None:
    assert render(("ID", "ERROR"), ROWS, width=5, flexible="ERROR") == "ID   ERROR\na1   somethi…\nb22"


def test_wide_characters_take_two_cells() -> None:
    assert render(("A", "B"), [("日本", "x"), ("abc", "y")]) == "A     B\n日本  x\nabc   y"


def test_text_cannot_move_the_cursor() -> None:
    assert one_line("a\nb\t\x1b[2Jc\u0301") == "a b \\x1b[2Jc\u0301"


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (None, ""),
        ("0s", "0 ms"),
        ("0.012345s", "12 ms"),
        ("1.5s", "1.5 s"),
        ("83.2s", "1 min 23 s"),
        ("7260s", "2 h 1 min"),
    ],
)
def test_duration_is_as_precise_as_a_person_reads(duration: str | None, text: str) -> None:
    assert span(duration) == text


def test_failure_names_node_message_and_code() -> None:
    assert failure({"node": "charge", "message": "card refused", "code": "CARD"}) == "charge: card refused (CARD)"
    assert failure({"message": "", "code": ""}) == "failed (UNKNOWN)"


WIDE = (
    ("EXECUTION", "FLOW", "STATUS", "ACCEPTED", "DURATION", "ERROR"),
    [("0" * 32, "hello v3", "FAILED", "2026-01-02 03:04:05", "1.0 s", "greet: card refused (CARD_REFUSED)")],
)


@pytest.mark.parametrize(
    ("width", "shown"), [(60, 3), (80, 4), (95, 6), (100, 6), (200, 6)], ids=["60", "80", "95", "100", "200"]
)
def test_table_has_as_many_columns_as_there_is_room_for(width: int, shown: int) -> None:
    headers, rows = WIDE
    lines = render(headers, rows, width, flexible="ERROR").split("\n")
    assert lines[0].split() == list(headers[:shown])
    assert all(len(line) <= width for line in lines)
    assert lines[1].startswith("0" * 32)
    assert ("(CARD_REFUSED)" in lines[1]) is (width == 200)
