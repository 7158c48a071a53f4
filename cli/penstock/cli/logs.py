"""How a server's log looks: one line an event on stderr, its fields behind the sentence."""

from __future__ import annotations

import logging
import sys


def configure_logging() -> None:
    """Once, before the first gRPC object: reconfiguring later can block grpc.aio."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s%(fields)s", stream=sys.stderr
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(_add_fields)


_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "fields", "taskName"}


def _add_fields(record: logging.LogRecord) -> bool:
    extra = {key: value for key, value in record.__dict__.items() if key not in _PLAIN}
    record.fields = "".join(f" {key}={value}" for key, value in extra.items())
    return True
