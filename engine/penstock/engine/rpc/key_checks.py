"""What a key may be called and may do, and who may make it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from penstock.engine.domain import limits
from penstock.engine.domain.errors import Forbidden, InvalidArgument
from penstock.engine.storage.postgres.keys import KeyRow
from penstock.wire.scopes import SCOPES_MAX, ScopeError, parse_scope
from penstock.wire.service import Caller

_TOO_STRONG = "KEY_TOO_STRONG"
_TIME_US_MAX = 253_402_300_800_000_000
"""The end of the year 9999."""


def check_name(name: str, field: str) -> None:
    if not 0 < len(name) <= limits.KEY_NAME_LENGTH_MAX or not name.isprintable():
        raise InvalidArgument(
            f"{field}: expected 1 to {limits.KEY_NAME_LENGTH_MAX} printable characters, got {name[:80]!r}", field=field
        )


def check_scopes(scopes: Sequence[str], field: str) -> None:
    if not 0 < len(scopes) <= SCOPES_MAX:
        raise InvalidArgument(f"{field}: expected 1 to {SCOPES_MAX} scopes, got {len(scopes)}", field=field)
    for index, scope in enumerate(scopes):
        try:
            parse_scope(scope)
        except ScopeError as error:
            path = f"{field}[{index}]"
            raise InvalidArgument(f"{path}: {error}", field=path) from None


def check_expiry(expire_us: int | None, now_us: int, field: str) -> None:
    if expire_us is not None and not now_us < expire_us < _TIME_US_MAX:
        raise InvalidArgument(f"{field}: expected a time to come, got one that is past", field=field)


def check_strength(caller: Caller, scopes: Iterable[str], field: str) -> None:
    """Raises Forbidden when the caller's key does not have all of these scopes itself."""
    for index, scope in enumerate(scopes):
        if not caller.grants.covers(parse_scope(scope)):
            raise Forbidden(
                f"{field}[{index}]: a key gives no more than it may do itself, and this one does not have {scope}",
                reason=_TOO_STRONG,
                facts={"scope": scope},
            )


def check_not_outlived(caller: Caller, expire_us: int | None, field: str) -> None:
    """Raises Forbidden when a key would be good for longer than that of the caller."""
    if caller.expire_us is not None and (expire_us is None or expire_us > caller.expire_us):
        raise Forbidden(
            f"{field}: a key makes none that outlives it, and this one expires",
            reason=_TOO_STRONG,
            facts={"expire_time": Timestamp(seconds=caller.expire_us // 1_000_000).ToJsonString()},
        )


def check_reach(caller: Caller, row: KeyRow) -> None:
    """Raises Forbidden for a key that may do what that of the caller may not."""
    for scope in row.scopes:
        try:
            is_covered = caller.grants.covers(parse_scope(scope))
        except ScopeError:
            # One of a later version: nobody knows here what it allows.
            is_covered = caller.grants.is_admin
        if not is_covered:
            raise Forbidden(
                f"key {row.key_id} has the scope {scope}, which the key of this call does not have",
                reason=_TOO_STRONG,
                facts={"scope": scope},
            )


def time_us(time: Timestamp) -> int:
    """Unix time in microseconds."""
    return time.seconds * 1_000_000 + time.nanos // 1000
