"""A log line as a JSON object, for whatever collects logs."""

from __future__ import annotations

import json
import logging
import math
from datetime import UTC, datetime
from typing import Any

FIRST = ("action", "execution", "node", "attempt")
"""Fields that stand before others, in this order."""
_NAMES = {"execution_id": "execution"}
_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "fields", "taskName"}
_KEPT = (str, int, float, bool, type(None))


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says beside its sentence, under one name each, what is the same everywhere first."""
    given = {_NAMES.get(name, name): value for name, value in record.__dict__.items() if name not in _PLAIN}
    return {name: given[name] for name in FIRST if name in given} | given


class JsonFormatter(logging.Formatter):
    """One object a line. A field never takes the place of what each line has."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name, value in fields_of(record).items():
            line.setdefault(name, value if isinstance(value, _KEPT) and _is_json(value) else str(value))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _is_json(value: object) -> bool:
    """JSON has no number for infinity."""
    return not isinstance(value, float) or math.isfinite(value)
