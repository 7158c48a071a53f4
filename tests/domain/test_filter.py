"""Filters as people write them: what they mean, and what is said of those that mean nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from penstock.engine.domain.execution_fields import EXECUTION_FIELDS
from penstock.engine.domain.failure import FailureClass
from penstock.engine.domain.filter import FILTER_DEPTH_MAX, FILTER_LENGTH_MAX, parse
from penstock.engine.domain.filter_text import FilterError
from penstock.engine.domain.filter_tree import (
    And,
    Comparison,
    Expression,
    FieldKind,
    FieldType,
    Not,
    Operator,
    Or,
    Present,
    Searched,
    SearchKind,
    Wildcard,
)
from penstock.engine.domain.states import ExecutionStatus

EXECUTION_ID = "019a0000000070008000000000000000"
A = Comparison("flow", Operator.EQUAL, "a")
B = Comparison("flow", Operator.EQUAL, "b")
C = Comparison("flow", Operator.EQUAL, "c")


def text_of(value: str) -> Comparison:
    return Comparison("flow", Operator.EQUAL, value)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("", None),
        (" \t\n", None),
        ("flow=a", A),
        ("  flow  =  a  ", A),
        ("flow:a", A),
        ('flow = "a"', A),
        ("flow = 'a'", A),
        ('flow = "say \\"hi\\" \\\\ o\'clock"', text_of('say "hi" \\ o\'clock')),
        ('flow = "AND OR ("', text_of("AND OR (")),
        ('flow = ""', text_of("")),
        ("flow = ärger", text_of("ärger")),
        ("flow = a*", Comparison("flow", Operator.EQUAL, Wildcard(("a", "")))),
        ('flow != "*a*b"', Comparison("flow", Operator.NOT_EQUAL, Wildcard(("", "a", "b")))),
        ('flow = "a\\*"', text_of("a*")),
        ("flow:*", Present("flow")),
        ("flow < a", Comparison("flow", Operator.LESS, "a")),
        ("flow <= a", Comparison("flow", Operator.LESS_OR_EQUAL, "a")),
        ("flow > a", Comparison("flow", Operator.GREATER, "a")),
        ("flow >= a", Comparison("flow", Operator.GREATER_OR_EQUAL, "a")),
        ('status = "RUNNING"', Comparison("status", Operator.EQUAL, ExecutionStatus.RUNNING)),
        ("status:RUNNING", Comparison("status", Operator.EQUAL, ExecutionStatus.RUNNING)),
        ("failure_class != POLICY", Comparison("failure_class", Operator.NOT_EQUAL, FailureClass.POLICY)),
        ("failure_class:*", Present("failure_class")),
        (f"execution_id = {EXECUTION_ID}", Comparison("execution_id", Operator.EQUAL, EXECUTION_ID)),
        ("version > -1", Comparison("version", Operator.GREATER, -1)),
        (
            "create_time >= 2026-01-31T12:00:00.5Z",
            Comparison("create_time", Operator.GREATER_OR_EQUAL, datetime(2026, 1, 31, 12, 0, 0, 500_000, UTC)),
        ),
        (
            'create_time < "2026-01-31t12:00:00-04:30"',
            Comparison(
                "create_time",
                Operator.LESS,
                datetime(2026, 1, 31, 12, tzinfo=timezone(-timedelta(hours=4, minutes=30))),
            ),
        ),
        ("labels.team = blue", Comparison("labels", Operator.EQUAL, "blue", "team")),
        ("labels.app-name/x = 10.0.0.1", Comparison("labels", Operator.EQUAL, "10.0.0.1", "app-name/x")),
        ('labels."a.b \\" c" = x', Comparison("labels", Operator.EQUAL, "x", 'a.b " c')),
        ("labels:team", Present("labels", "team")),
        ("labels:'a b'", Present("labels", "a b")),
        ("labels.team:*", Present("labels", "team")),
        ("labels:*", Present("labels")),
        ("error.code = X", Comparison("error.code", Operator.EQUAL, "X")),
        ("error . code:*", Present("error.code")),
        ("duration > 1h30m", Comparison("duration", Operator.GREATER, timedelta(minutes=90))),
        ("duration <= 0.5ms", Comparison("duration", Operator.LESS_OR_EQUAL, timedelta(microseconds=500))),
        ("alias = live", Comparison("alias", Operator.EQUAL, "live")),
        ("NOT flow = a", Not(A)),
        ("-flow = a", Not(A)),
        ("NOT(flow = a)", Not(A)),
        ("flow = a AND flow = b AND flow = c", And((A, B, C))),
        ("flow = a OR flow = b OR flow = c", Or((A, B, C))),
        ("flow = a AND flow = b OR flow = c", And((A, Or((B, C))))),
        ("flow = a OR flow = b AND flow = c", And((Or((A, B)), C))),
        ("(flow = a AND flow = b) OR -(flow = c)", Or((And((A, B)), Not(C)))),
        ("((flow = a))", A),
    ],
)
def test_filter_means(text: str, expression: Expression | None) -> None:
    assert parse(text, EXECUTION_FIELDS) == expression


FIELDS = (
    "one of status, execution_id, parent_execution_id, flow, graph_id, version, alias, mode, create_time, start_time, "
    "update_time, complete_time, duration, failure_class, classification, error.class, error.code, error.node, "
    "node.ran, node.waiting, labels.<key>"
)
STATUSES = "one of QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED, TIMED_OUT, PAUSED, WAITING_ON_GATE, COMPENSATING"
SUCH_AS = 'a comparison such as status = "RUNNING"'
TIME = 'a time such as "2026-01-31T12:00:00Z"'
END = "end of text"


@pytest.mark.parametrize(
    ("text", "position", "expected", "found"),
    [
        ("status", 7, SUCH_AS, END),
        ("status RUNNING", 8, SUCH_AS, '"RUNNING"'),
        ("status.x = 1", 7, SUCH_AS, '"."'),
        ("stats = RUNNING", 1, FIELDS, '"stats"'),
        ("error.cod = X", 1, FIELDS, '"error.cod"'),
        ("error. = X", 8, "the rest of a name after error.", '"="'),
        ("input.id = X", 1, FIELDS, '"input.id"'),
        ("duration > -1s", 12, "a length of time such as 10s, 200ms or 1h30m", '"-1s"'),
        ("duration > 5", 12, "a length of time such as 10s, 200ms or 1h30m", '"5"'),
        ("alias = l*", 9, "a name", '"l*"'),
        ("node.ran:*", 10, "a name", '"*"'),
        ("node.ran > a", 10, "=, !=, : after node.ran", '">"'),
        ("flow = a AND STATUS = x", 14, FIELDS, '"STATUS"'),
        ('"x"', 1, SUCH_AS, '"\\""'),
        ("42", 1, SUCH_AS, '"42"'),
        ("AND flow = a", 1, SUCH_AS, '"AND"'),
        ("NOT", 4, SUCH_AS, END),
        ("NOT NOT flow = a", 5, SUCH_AS, '"NOT"'),
        ("flow = a AND", 13, SUCH_AS, END),
        ("flow = a and flow = b", 10, "AND, OR or the end of the filter", '"and"'),
        ("flow = a flow = b", 10, "AND, OR or the end of the filter", '"flow"'),
        ("flow = a)", 9, "AND, OR or the end of the filter", '")"'),
        ("(flow = a", 10, "AND, OR or a closing )", END),
        ("(flow = a flow = b)", 11, "AND, OR or a closing )", '"flow"'),
        ("()", 2, SUCH_AS, '")"'),
        ("flow =", 7, "text", END),
        ("flow == a", 7, "text", '"="'),
        ("flow = (a)", 8, "text", '"("'),
        ('flow = "a', 10, 'a closing "', END),
        ('flow = "a\\', 11, 'a closing "', END),
        ("flow < a*", 8, "text without * after <", '"a*"'),
        ('flow = "a\0"', 8, "text", '"a\\u0000"'),
        ("status = RUNING", 10, STATUSES, '"RUNING"'),
        ("status = running", 10, STATUSES, '"running"'),
        ("status = R*", 10, STATUSES, '"R*"'),
        ("status =", 9, STATUSES, END),
        ("status < RUNNING", 8, "=, !=, : after status", '"<"'),
        ("mode = 1", 8, "one of UNARY, PIPELINE", '"1"'),
        ("execution_id = 019A", 16, "32 lower-case hex digits", '"019A"'),
        ("version = three", 11, "a whole number of 64 bits", '"three"'),
        ("version = 1.5", 11, "a whole number of 64 bits", '"1.5"'),
        ("version = 9223372036854775808", 11, "a whole number of 64 bits", '"9223372036854775808"'),
        ("create_time > yesterday", 15, TIME, '"yesterday"'),
        ("create_time > 2026-01-31", 15, TIME, '"2026-01-31"'),
        ("create_time > 2026-01-31T12:00:00", 15, TIME, '"2026-01-31T12:00:00"'),
        ("create_time > 2026-02-30T12:00:00Z", 15, TIME, '"2026-02-30T12:00:00Z"'),
        ("labels = x", 8, 'a comparison such as labels.team = "blue"', '"="'),
        ("labels. = x", 9, 'a key as in labels.team = "blue"', '"="'),
        ("labels.a.b = x", 9, 'a comparison such as labels.team = "blue"', '"."'),
        ("flow = " + "a" * 50 + "\\", 58, "AND, OR or the end of the filter", '"\\\\"'),
        ("version = " + "a" * 50, 11, "a whole number of 64 bits", f'"{"a" * 39}…"'),
    ],
)
def test_text_that_is_no_filter_is_refused_with_its_position(
    text: str, position: int, expected: str, found: str
) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text, EXECUTION_FIELDS)
    error = caught.value
    assert (error.position, error.expected, error.found) == (position, expected, found)
    assert str(error) == f"position {position}: expected {expected}, got {found}"
    assert (error.field, error.reason) == ("filter", "INVALID_FILTER")


TOTAL = FieldType(FieldKind.SEARCHED, "output.total = 1", searched=frozenset({SearchKind.NUMBER, SearchKind.TEXT}))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("output.total = 7", Searched("7", Decimal(7))),
        ("output.total = -1.50e3", Searched("-1.50e3", Decimal("-1500"))),
        ("output.total = seven", Searched("seven", None)),
        ("output.total = 7*", Searched(Wildcard(("7", "")), None)),
    ],
)
def test_value_is_read_as_whatever_flows_declare_a_searchable_field(text: str, value: Searched) -> None:
    expression = parse(text, EXECUTION_FIELDS, {"output.total": TOTAL})
    assert expression == Comparison("output.total", Operator.EQUAL, value)


def test_field_that_is_not_searchable_is_refused_with_those_that_are() -> None:
    with pytest.raises(FilterError, match=r"^position 1: expected one of the searchable fields output\.total, got"):
        parse("output.sum = 7", EXECUTION_FIELDS, {"output.total": TOTAL})
    with pytest.raises(FilterError, match=r"^position 1: expected another field: no flow here declares searchable"):
        parse("output.sum = 7", EXECUTION_FIELDS, {})


def test_deepest_filter_is_read_and_a_deeper_one_is_refused() -> None:
    depth = FILTER_DEPTH_MAX
    assert parse("(" * depth + "flow = a" + ")" * depth, EXECUTION_FIELDS) == A
    with pytest.raises(FilterError, match=f"^position {depth + 1}: expected at most {depth} parentheses"):
        parse("(" * (depth + 1) + "flow = a" + ")" * (depth + 1), EXECUTION_FIELDS)


def test_longest_filter_is_read_and_a_longer_one_is_refused() -> None:
    assert parse("flow = a".ljust(FILTER_LENGTH_MAX), EXECUTION_FIELDS) == A
    with pytest.raises(FilterError, match=f"got a filter of {FILTER_LENGTH_MAX + 1} characters$"):
        parse("flow = a".ljust(FILTER_LENGTH_MAX + 1), EXECUTION_FIELDS)


def test_every_example_in_an_error_is_itself_a_filter() -> None:
    for name, field in EXECUTION_FIELDS.items():
        expression = parse(field.example, EXECUTION_FIELDS)
        assert isinstance(expression, Comparison)
        assert expression.field == name
