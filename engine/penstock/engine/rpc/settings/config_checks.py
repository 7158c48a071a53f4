"""What a config profile may hold."""

from __future__ import annotations

import re

from google.protobuf.duration_pb2 import Duration

from penstock.engine.compiler.bounds import ATTEMPT, ATTEMPTS_MAX, BACKOFF, MULTIPLIER_MAX, RETRY_ON_MAX, Span
from penstock.engine.compiler.naming import is_name
from penstock.engine.domain import limits
from penstock.engine.domain.errors import InvalidArgument
from penstock.wire import durations
from penstock.wire.gen.config_pb2 import Config
from penstock.wire.gen.execution_options_pb2 import NodeOverride
from penstock.wire.gen.retries_pb2 import Retries
from penstock.wire.json import JsonError, dumps, from_struct, to_struct

_CONFIG_ID = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


def check_config_id(config_id: str, field: str) -> None:
    """Raises InvalidArgument."""
    if not _CONFIG_ID.fullmatch(config_id):
        raise _wrong(field, f"a name such as eu-west (^{_CONFIG_ID.pattern}$)", repr(config_id[:80]))


def check_config(config: Config) -> None:
    """Raises InvalidArgument naming the first thing that is wrong."""
    check_config_id(config.config_id, "config.config_id")
    if config.flow and not is_name(config.flow):
        raise _wrong("config.flow", "the name of a flow, or nothing for every flow", repr(config.flow[:80]))
    if len(config.description) > limits.CONFIG_DESCRIPTION_LENGTH_MAX:
        most = limits.CONFIG_DESCRIPTION_LENGTH_MAX
        raise _wrong("config.description", f"at most {most:,} characters", f"{len(config.description):,}")
    _check_values(config)
    if len(config.nodes) > limits.NODES_MAX:
        raise _wrong("config.nodes", f"at most {limits.NODES_MAX:,} nodes", f"{len(config.nodes):,}")
    for name, override in sorted(config.nodes.items()):
        if not is_name(name):
            raise _wrong("config.nodes", "names of nodes", repr(name[:80]))
        _check_override(override, f"config.nodes.{name}")


def _check_values(config: Config) -> None:
    try:
        values = from_struct(config.values)
        to_struct(values)
    except JsonError as error:
        raise error.under("values").under("config") from None
    size, most = len(dumps(values)), limits.CONFIG_VALUES_BYTES_MAX
    if size > most:
        raise _wrong("config.values", f"at most {most:,} bytes as JSON", f"{size:,}")


def _check_override(override: NodeOverride, field: str) -> None:
    if override.HasField("timeout"):
        _check_length(override.timeout, f"{field}.timeout", ATTEMPT)
    if override.HasField("retries"):
        _check_retries(override.retries, f"{field}.retries")


def _check_retries(retries: Retries, field: str) -> None:
    for name in ("max_attempts", "max_system_attempts"):
        _check_range(retries, name, field, 1, ATTEMPTS_MAX)
    _check_range(retries, "multiplier", field, 1, MULTIPLIER_MAX)
    _check_range(retries, "jitter", field, 0, 1)
    for name in ("initial_backoff", "max_backoff"):
        if retries.HasField(name):
            _check_length(getattr(retries, name), f"{field}.{name}", BACKOFF)
    if len(retries.retry_on) > RETRY_ON_MAX:
        raise _wrong(f"{field}.retry_on", f"at most {RETRY_ON_MAX} codes and classes", str(len(retries.retry_on)))
    for code in retries.retry_on:
        if not _CODE.fullmatch(code):
            raise _wrong(
                f"{field}.retry_on", "codes such as NODE_TIMEOUT and classes such as PROVIDER", repr(code[:80])
            )


def _check_range(retries: Retries, name: str, field: str, least: int, most: float) -> None:
    # Written so that NaN is outside.
    if retries.HasField(name) and not least <= (value := getattr(retries, name)) <= most:
        raise _wrong(f"{field}.{name}", f"{least} to {most:g}", f"{value:g}")


def _check_length(length: Duration, field: str, span: Span) -> None:
    if not span.shortest <= length.ToNanoseconds() <= span.longest:
        least, most = (durations.spell(_duration(end)) for end in (span.shortest, span.longest))
        raise _wrong(field, f"{least} to {most}", durations.spell(length))


def _duration(nanoseconds: int) -> Duration:
    duration = Duration()
    duration.FromNanoseconds(nanoseconds)
    return duration


def _wrong(field: str, expected: str, got: str) -> InvalidArgument:
    return InvalidArgument(f"{field}: expected {expected}, got {got}", field=field)
