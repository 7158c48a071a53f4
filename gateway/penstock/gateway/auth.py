"""Finds out who calls from the Authorization header, and whether the key will do at all."""

from __future__ import annotations

from penstock.wire.scope_missing import scope_missing
from penstock.wire.service import Caller, Engine
from penstock.wire.status import Code, RpcError


async def authenticate(engine: Engine, authorization: str | None) -> Caller:
    """Who sent `Authorization: Bearer <key>`.

    Raises RpcError UNAUTHENTICATED with one text whatever was wrong; only its reason differs.
    """
    try:
        return await engine.authenticate(_bearer(authorization))
    except RpcError as error:
        if error.code is not Code.UNAUTHENTICATED:
            raise
        raise RpcError(Code.UNAUTHENTICATED, error.reason, "unauthorized") from None


def require(caller: Caller, scope: str) -> None:
    """Raises RpcError PERMISSION_DENIED when the key cannot do that with anything, so that nothing else is read of its
    request. The engine looks at what the request is about.
    """
    if not caller.grants.has(scope):
        raise scope_missing(scope)


def _bearer(authorization: str | None) -> str | None:
    if authorization is None:
        return None
    scheme, _, key = authorization.partition(" ")
    key = key.strip()
    # A header may hold bytes that are no text; no key does.
    return key if scheme.lower() == "bearer" and key and key.isascii() else None
