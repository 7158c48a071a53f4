"""Which calls a server records in its audit log (PENSTOCK_AUDIT)."""

from __future__ import annotations

import os

from penstock.cli.errors import UsageError
from penstock.engine.domain.audit import Audited

VARIABLE = "PENSTOCK_AUDIT"


def audited() -> Audited:
    """Raises UsageError."""
    text = os.environ.get(VARIABLE) or Audited.CHANGES.value
    try:
        return Audited(text)
    except ValueError:
        expected = ", ".join(each.value for each in Audited)
        raise UsageError(f'{VARIABLE}: expected one of {expected}, got "{text}"') from None
