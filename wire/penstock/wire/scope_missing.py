"""The error of a key that may not do what it asks for."""

from __future__ import annotations

from penstock.wire.scopes import SCOPE_MISSING
from penstock.wire.status import Code, RpcError


def scope_missing(verb: str, flow: str = "", alias: str = "") -> RpcError:
    """A 403 that names the scope; `flow` "" names none that it is narrowed to."""
    scope = ":".join(filter(None, (verb, flow))) + (f"@{alias}" if alias else "")
    return RpcError(
        Code.PERMISSION_DENIED, SCOPE_MISSING, f"the key needs the scope {scope}", metadata={"scope": scope}
    )
