"""Where the webhooks of a server may go: what PENSTOCK_WEBHOOK_ALLOW names, and with `penstock dev` this machine."""

from __future__ import annotations

import os
from argparse import Namespace

from penstock.cli.errors import UsageError
from penstock.engine.webhooks.egress import LOOPBACK, EgressPolicy, parse_allow
from penstock.engine.webhooks.settings import WebhookSettings

VARIABLE = "PENSTOCK_WEBHOOK_ALLOW"


def webhook_settings(args: Namespace) -> WebhookSettings:
    """Raises UsageError."""
    try:
        allowed = parse_allow(os.environ.get(VARIABLE, ""))
    except ValueError as error:
        raise UsageError(f"{VARIABLE}: {error}") from None
    return WebhookSettings(
        EgressPolicy((*allowed, *LOOPBACK) if args.module == "penstock.cli.serving.dev" else allowed)
    )
