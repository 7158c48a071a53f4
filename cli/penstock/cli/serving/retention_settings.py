"""How long a server keeps executions where nobody says otherwise (PENSTOCK_RETENTION), and where it archives them."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from pathlib import Path

from penstock.cli.commandline.argument_types import keeping_s
from penstock.cli.errors import UsageError
from penstock.engine.runtime.upkeep.retention import RetentionSettings

PERIOD_VARIABLE = "PENSTOCK_RETENTION"
ARCHIVE_VARIABLE = "PENSTOCK_ARCHIVE_DIR"


def retention_settings() -> RetentionSettings:
    """Raises UsageError."""
    text = os.environ.get(PERIOD_VARIABLE)
    if not text:
        return RetentionSettings()
    try:
        return RetentionSettings(keeping_s(text))
    except ArgumentTypeError as error:
        raise UsageError(f"{PERIOD_VARIABLE}: {error}") from None


def archive_dir() -> Path | None:
    """None: executions are not archived."""
    text = os.environ.get(ARCHIVE_VARIABLE)
    return Path(text).expanduser().absolute() if text else None
