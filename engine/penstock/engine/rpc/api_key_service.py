"""ApiKeyService: keeps the keys of an account. A key's secret is in the answer that makes it, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

from penstock.engine.domain import limits, page
from penstock.engine.domain.errors import Conflict, InvalidArgument, NotFound
from penstock.engine.rpc import requests
from penstock.engine.rpc.key_checks import (
    check_expiry,
    check_name,
    check_not_outlived,
    check_reach,
    check_scopes,
    check_strength,
    time_us,
)
from penstock.engine.rpc.keys import Keys
from penstock.engine.rpc.messages import timestamp
from penstock.engine.runtime.clock import Clock
from penstock.engine.storage.postgres.keys import KeyRow, KeyRows
from penstock.wire.gen import api_key_service_pb2 as pb
from penstock.wire.gen.api_key_pb2 import ApiKey
from penstock.wire.service import Caller

_EDITABLE = ("name", "scopes", "expire_time")


class ApiKeyService:
    """See proto/penstock/v1/api_key_service.proto."""

    def __init__(self, rows: KeyRows, keys: Keys, clock: Clock) -> None:
        self._rows = rows
        self._keys = keys
        self._clock = clock

    async def create_api_key(self, request: pb.CreateApiKeyRequest, caller: Caller) -> ApiKey:
        now_us = self._clock.now_us()
        check_name(request.name, "name")
        check_scopes(request.scopes, "scopes")
        expire_us = time_us(request.expire_time) if request.HasField("expire_time") else caller.expire_us
        check_expiry(expire_us, now_us, "expire_time")
        check_strength(caller, request.scopes, "scopes")
        check_not_outlived(caller, expire_us, "expire_time")
        row, key = await self._keys.make(
            caller.account, request.name, request.scopes, expire_us=expire_us, created_by=caller.key_id
        )
        return _message(row, now_us, key)

    async def get_api_key(self, request: pb.GetApiKeyRequest, caller: Caller) -> ApiKey:
        return _message(await self._rows.key(caller.account, request.key_id), self._clock.now_us())

    async def list_api_keys(self, request: pb.ListApiKeysRequest, caller: Caller) -> pb.ListApiKeysResponse:
        size = requests.page_size(request)
        binding = f"keys|{caller.account}|{request.show_revoked}"
        after = _position(request.page_token, binding) if request.page_token else None
        found = await self._rows.keys(caller.account, after, size + 1, with_revoked=request.show_revoked)
        last = found[size - 1] if len(found) > size else None
        now_us = self._clock.now_us()
        return pb.ListApiKeysResponse(
            api_keys=[_message(row, now_us) for row in found[:size]],
            next_page_token=page.encode(f"{last.create_us} {last.key_id}", binding) if last else "",
        )

    async def update_api_key(self, request: pb.UpdateApiKeyRequest, caller: Caller) -> ApiKey:
        wanted, fields, now_us = request.api_key, _fields(request), self._clock.now_us()
        row = await self._within_reach(wanted.key_id, caller)
        if "name" in fields:
            check_name(wanted.name, "api_key.name")
            row = replace(row, name=wanted.name)
        if "scopes" in fields:
            check_scopes(wanted.scopes, "api_key.scopes")
            check_strength(caller, wanted.scopes, "api_key.scopes")
            row = replace(row, scopes=tuple(wanted.scopes))
        if "expire_time" in fields:
            expire_us = time_us(wanted.expire_time) if wanted.HasField("expire_time") else None
            check_expiry(expire_us, now_us, "api_key.expire_time")
            check_not_outlived(caller, expire_us, "api_key.expire_time")
            row = replace(row, expire_us=expire_us)
        return _message(await self._keys.update(row), now_us)

    async def rotate_api_key(self, request: pb.RotateApiKeyRequest, caller: Caller) -> ApiKey:
        overlap_us = _overlap_us(request)
        row, now_us = await self._within_reach(request.key_id, caller), self._clock.now_us()
        # Its new secret would be good for longer than the key that asked for it.
        check_not_outlived(caller, row.expire_us, "key_id")
        if row.revoke_us is None and not row.is_good(now_us):
            raise Conflict(f"key {row.key_id} has expired", facts={"state": "EXPIRED"})
        row, key = await self._keys.rotate(row, overlap_us)
        return _message(row, self._clock.now_us(), key)

    async def revoke_api_key(self, request: pb.RevokeApiKeyRequest, caller: Caller) -> ApiKey:
        await self._within_reach(request.key_id, caller)
        return _message(await self._keys.revoke(caller.account, request.key_id), self._clock.now_us())

    async def who_am_i(self, request: pb.WhoAmIRequest, caller: Caller) -> pb.WhoAmIResponse:
        try:
            api_key = _message(await self._rows.key(caller.account, caller.key_id), self._clock.now_us())
        except NotFound:
            # Whoever calls from within the process has no key.
            api_key = ApiKey(key_id=caller.key_id, name=caller.key_name, scopes=caller.grants.scopes)
        return pb.WhoAmIResponse(account=caller.account, api_key=api_key)

    async def _within_reach(self, key_id: str, caller: Caller) -> KeyRow:
        """Raises NotFound, and Forbidden for a key that may do more than that of the caller."""
        row = await self._rows.key(caller.account, key_id)
        check_reach(caller, row)
        return row


def _fields(request: pb.UpdateApiKeyRequest) -> tuple[str, ...]:
    """The fields to change."""
    paths = tuple(request.update_mask.paths)
    if not paths:
        return tuple(field.name for field, _ in request.api_key.ListFields() if field.name in _EDITABLE)
    for path in paths:
        if path not in _EDITABLE:
            raise InvalidArgument(
                f"update_mask: expected {', '.join(_EDITABLE)}, got {path[:80]!r}", field="update_mask"
            )
    return paths


def _overlap_us(request: pb.RotateApiKeyRequest) -> int:
    if not request.HasField("overlap"):
        return int(limits.KEY_OVERLAP_S_DEFAULT * 1e6)
    overlap_us = request.overlap.seconds * 1_000_000 + request.overlap.nanos // 1000
    if not 0 <= overlap_us <= limits.KEY_OVERLAP_S_MAX * 1e6:
        raise InvalidArgument(
            f"overlap: expected 0 s to {limits.KEY_OVERLAP_S_MAX:.0f} s, got {overlap_us / 1e6:g} s", field="overlap"
        )
    return int(overlap_us)


def _message(row: KeyRow, now_us: int, key: str = "") -> ApiKey:
    message = ApiKey(
        key_id=row.key_id,
        name=row.name,
        scopes=row.scopes,
        state=_state(row, now_us),
        create_time=timestamp(row.create_us),
        created_by=row.created_by,
        key=key,
    )
    for field, at_us in (
        ("expire_time", row.expire_us),
        ("use_time", row.use_us),
        ("rotate_time", row.rotate_us),
        ("revoke_time", row.revoke_us),
    ):
        if at_us is not None:
            getattr(message, field).CopyFrom(timestamp(at_us))
    if row.old_expire_us is not None and row.old_expire_us > now_us:
        message.old_expire_time.CopyFrom(timestamp(row.old_expire_us))
    return message


def _state(row: KeyRow, now_us: int) -> ApiKey.State:
    if row.revoke_us is not None:
        return ApiKey.REVOKED
    return ApiKey.ACTIVE if row.is_good(now_us) else ApiKey.EXPIRED


def _position(token: str, binding: str) -> tuple[int, str]:
    """Raises PageTokenError."""
    created, _, key_id = page.decode(token, binding).partition(" ")
    if created.isascii() and created.isdecimal() and len(created) < 19:
        return int(created), key_id
    raise page.PageTokenError("expected the next_page_token of the answer before, got another text")
