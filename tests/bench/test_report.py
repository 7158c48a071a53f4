"""Figures become the rows of a table, and tables find their place in the document."""

from __future__ import annotations

from importlib import import_module

import pytest

from bench.__main__ import README, filled, names
from bench.questions.throughput import Found, Point, section
from bench.report import Section, markdown, middle, middle_ratio, rounded


def figures(per_second: float) -> dict[str, float]:
    return {"per_second": per_second, "p50_ms": 1.0, "p99_ms": 2.0}


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0.00"), (1.234, "1.23"), (99.99, "99.99"), (100.0, "100"), (12345.6, "12,346")]
)
def test_large_figures_lose_their_fraction(value: float, shown: str) -> None:
    assert rounded(value) == shown


def test_a_section_is_a_heading_a_text_and_a_table() -> None:
    section = Section("Title", "Text.", ("a", "b"), [("1", "2"), ("3", "")])
    assert markdown(section) == "### Title\n\nText.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 |  |"


def test_a_section_without_text_has_no_empty_paragraph() -> None:
    assert markdown(Section("Title", "", ("a",), [])) == "### Title\n\n| a |\n|---|"


def test_the_middle_is_the_median_of_each_figure() -> None:
    results = [{"x": 1.0, "y": 300.0}, {"x": 9.0, "y": 100.0}, {"x": 2.0, "y": 200.0}]
    assert middle(results, "y", "x") == ("200", "2.00")


def test_ratios_are_of_figures_of_the_same_repetition() -> None:
    assert middle_ratio([figures(10), figures(90), figures(40)], [figures(10), figures(30), figures(10)]) == "3.00"


def test_unary_work_is_compared_with_the_echo_of_its_face() -> None:
    found: Found = {
        Point("echo", "HTTP", 1): [figures(200)],
        Point("w1", "HTTP", 1): [figures(50)],
        Point("w1", "gRPC", 1): [figures(50)],
        Point("s100", "HTTP", 1): [figures(10)],
    }
    table = section(found, [figures(1_000)])
    assert table.rows == [
        ("echo", "HTTP", "1", "200", "1.00", "2.00", ""),
        ("w1", "HTTP", "1", "50.00", "1.00", "2.00", "0.25"),
        ("w1", "gRPC", "1", "50.00", "1.00", "2.00", ""),
        ("s100", "HTTP", "1", "10.00", "1.00", "2.00", ""),
        ("one-row commits", "Postgres", "1", "1,000", "1.00", "2.00", ""),
    ]


def test_another_engine_is_compared_with_penstock_over_http() -> None:
    found: Found = {Point("w3", "HTTP", 64): [figures(50)], Point("w3", "other", 64): [figures(20)]}
    table = section(found, [figures(1_000)])
    assert [(row[1], row[-1]) for row in table.rows] == [("HTTP", ""), ("other", "2.50"), ("Postgres", "")]
    assert {len(row) for row in table.rows} == {len(table.header)}


def test_a_text_takes_the_place_between_its_markers() -> None:
    document = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n<!-- y -->\n<!-- /y -->\n"
    assert filled(document, {"x": "new"}) == document.replace("old", "new")
    assert filled(document, {"y": "new"}) == document.replace("<!-- y -->\n", "<!-- y -->\nnew\n")


def test_a_name_without_both_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="<!-- /x -->"):
        filled("<!-- x -->", {"x": "new"})


def test_every_question_can_be_asked_and_has_its_place_in_the_document() -> None:
    assert "throughput" in names()
    assert [name for name in names() if not callable(import_module(f"bench.questions.{name}").ask)] == []
    filled(README.read_text(), dict.fromkeys(["machine", *names()], ""))
