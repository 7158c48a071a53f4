"""Retries stay within their bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from penstock.engine.compiler.bounds import ATTEMPTS_MAX, BACKOFF, MULTIPLIER_MAX, RETRY_ON_MAX
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.gen.retries_pb2 import Retries

_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in sorted(subject.flow.nodes.items()):
        if node.HasField("retries"):
            yield from _problems(f"node {name}", node.retries)


def _problems(where: str, retries: Retries) -> Iterator[Problem]:
    for key in ("max_attempts", "max_system_attempts"):
        if retries.HasField(key):
            yield from _number(where, key, getattr(retries, key), 1, ATTEMPTS_MAX)
    for key in ("initial_backoff", "max_backoff"):
        if retries.HasField(key):
            yield from BACKOFF.check(where, f"retries.{key}", getattr(retries, key))
    if retries.HasField("multiplier"):
        yield from _number(where, "multiplier", retries.multiplier, 1, MULTIPLIER_MAX)
    if retries.HasField("jitter"):
        yield from _number(where, "jitter", retries.jitter, 0, 1)
    if len(retries.retry_on) > RETRY_ON_MAX:
        expected, found = f"at most {RETRY_ON_MAX}", str(len(retries.retry_on))
        yield Problem(where, "retries.retry_on has too many members", expected, found)
        return
    for word in retries.retry_on:
        if not _CODE.fullmatch(word):
            expected = "a code such as NODE_TIMEOUT or a class such as PROVIDER"
            yield Problem(where, "wrong retries.retry_on", expected, f'"{word}"')


def _number(where: str, key: str, found: float, least: float, most: float) -> Iterator[Problem]:
    if not least <= found <= most:  # what is no number is not within
        yield Problem(where, f"retries.{key} out of range", f"{least:g} to {most:g}", f"{found:g}")
