"""What a caller sees of a message that flows through executions: the one place that shows any."""

from __future__ import annotations

from penstock.engine.runtime.programs.program import Program
from penstock.wire.scopes import PAYLOADS_SENSITIVE, Grants

NOBODY = Grants(())
"""For documents that leave the installation: nobody knows who reads them."""


def shown(program: Program, type_name: str, payload: bytes, grants: Grants) -> bytes:
    """The serialized message, without the values of sensitive fields unless `grants` let the caller see them."""
    sensitive = program.sensitive
    if sensitive is None or sees_sensitive(program, grants):
        return payload
    return sensitive.redacted(type_name, payload)


def sees_sensitive(program: Program, grants: Grants) -> bool:
    return grants.allows(PAYLOADS_SENSITIVE, program.artifact.flow)
