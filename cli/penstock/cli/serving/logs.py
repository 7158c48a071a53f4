"""How a server's log looks: one line an event on stderr, as text with its fields behind the sentence, or as JSON."""

from __future__ import annotations

import logging
import os
import sys
from typing import TextIO

from penstock.cli.errors import UsageError
from penstock.cli.serving.console import say
from penstock.cli.serving.log_json import JsonFormatter, fields_of

LOG_FORMAT = "PENSTOCK_LOG_FORMAT"
TEXT_LOG, JSON_LOG = "text", "json"

_log = logging.getLogger("penstock.cli")


def configure_logging() -> None:
    """Once, before the first gRPC object: reconfiguring later can block grpc.aio. Raises UsageError."""
    logging.basicConfig(level=logging.WARNING, handlers=[log_handler(_form(), sys.stderr)])


def log_handler(form: str, stream: TextIO) -> logging.Handler:
    """Writes lines of one form."""
    handler = logging.StreamHandler(stream)
    if form == JSON_LOG:
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s%(fields)s"))
        handler.addFilter(_add_fields)
    return handler


def announce(sentence: str, action: str) -> None:
    """Tells on stderr what is no trouble and everybody should know; as a line of the log where that is JSON."""
    if _form() == JSON_LOG:
        _log.handle(_log.makeRecord(_log.name, logging.INFO, "", 0, sentence, (), None, extra={"action": action}))
    else:
        say(f"penstock: {sentence}", sys.stderr)


def _form() -> str:
    form = os.environ.get(LOG_FORMAT) or TEXT_LOG
    if form not in (TEXT_LOG, JSON_LOG):
        raise UsageError(f"{LOG_FORMAT}: expected {JSON_LOG} or {TEXT_LOG}, got {form[:80]!r}")
    return form


def _add_fields(record: logging.LogRecord) -> bool:
    record.fields = "".join(f" {name}={value}" for name, value in fields_of(record).items())
    return True
