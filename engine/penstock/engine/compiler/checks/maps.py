"""A map runs a function that takes one message over a repeated field, and its output has room for the results."""

from __future__ import annotations

import re
from collections.abc import Iterator

from penstock.engine.compiler.bounds import MAP_CONCURRENCY_MAX, MAP_ITEMS_MAX
from penstock.engine.compiler.function_problems import unary_function
from penstock.engine.compiler.map_fields import NoSuchPath, item_type, result_fields, root_of
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.compat import mismatch
from penstock.wire.gen.flow_pb2 import MapPolicy
from penstock.wire.gen.package_pb2 import PackageNode

_COUNT = re.compile(r"[0-9]{1,9}")
_RATIO = re.compile(r"[0-9]\.[0-9]{1,17}")


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in subject.of_kind("map"):
        yield from _bounds(f"node {name}", node.map)
        function = unary_function(subject, f"node {name}", "map.use", node.map.use)
        if isinstance(function, Problem):
            yield function
        yield from _items(subject, name, node.map, None if isinstance(function, Problem) else function)
        if isinstance(function, PackageNode):
            yield from _results(subject, name, node.map, function)


def _bounds(where: str, policy: MapPolicy) -> Iterator[Problem]:
    if not 0 <= policy.max_concurrency <= MAP_CONCURRENCY_MAX:
        expected = f"1 to {MAP_CONCURRENCY_MAX}"
        yield Problem(where, "map.max_concurrency out of range", expected, str(policy.max_concurrency))
    least = policy.min_successes
    is_count = _COUNT.fullmatch(least) and int(least) <= MAP_ITEMS_MAX
    is_ratio = _RATIO.fullmatch(least) and float(least) <= 1
    if least and not is_count and not is_ratio:
        expected = f"a number from 0 to {MAP_ITEMS_MAX}, or a ratio from 0.0 to 1.0"
        yield Problem(where, "wrong map.min_successes", expected, f'"{least}"')


def _items(subject: Subject, name: str, policy: MapPolicy, function: PackageNode | None) -> Iterator[Problem]:
    try:
        root = root_of(subject, name, policy.over)
        if subject.types is None or not root:
            return
        item = item_type(subject.types.descriptor(root), policy.over)
    except NoSuchPath as error:
        yield Problem(f"node {name}", f"map.over: {error}")
        return
    reason = mismatch(item, subject.types.descriptor(function.input)) if function else None
    if function is not None and reason is not None:
        message = f"map.use: {policy.use} cannot read an item of {policy.over}: {reason}"
        yield Problem(f"node {name}", message, function.input, item.full_name)


def _results(subject: Subject, name: str, policy: MapPolicy, function: PackageNode) -> Iterator[Problem]:
    output = subject.ends[name].output
    if subject.types is None or not output:
        return
    fields = result_fields(subject.types, output, function.output)
    if len(fields) != 1:
        found = f"{len(fields)}: {', '.join(fields)}" if fields else "0"
        message = f"{output} must have one repeated field that takes what {policy.use} gives, {function.output}"
        yield Problem(f"node {name}", message, "1", found)
