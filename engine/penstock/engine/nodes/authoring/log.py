"""The logger of a running node: to the log of the process, and to the execution's own."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from penstock.engine.nodes.authoring.reports import ExcInfo, Redact, log_line, message_of

if TYPE_CHECKING:
    from penstock.engine.nodes.authoring.context import Host

_LOGGER = logging.getLogger("penstock.node")


class NodeLog(logging.LoggerAdapter[logging.Logger]):
    """Adds the run's fields to each record. The base class would drop the author's own `extra`.

    Lines of level INFO and above are reported to the host too, whatever the process itself logs. Neither log shows
    the secrets of the attempt.
    """

    def __init__(self, fields: Mapping[str, object], host: Host | None) -> None:
        super().__init__(_LOGGER, fields)
        self._host = host

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        kwargs["extra"] = {**(self.extra or {}), **(kwargs.get("extra") or {})}
        return msg, kwargs

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        # One more frame, this one, is between the record and where the author wrote the line.
        kwargs["stacklevel"] = kwargs.get("stacklevel", 1) + 1
        host = self._host
        if host is not None and (level >= logging.INFO or host.redact is not None):
            text, error, redact = message_of(msg, args), _error(kwargs.get("exc_info")), host.redact
            if level >= logging.INFO:
                host.report(log_line(level, text, error, redact))
            if redact is not None:
                msg, args = redact(_with_traceback(text, error)), ()
                kwargs |= {"exc_info": None, "extra": _redacted(kwargs.get("extra"), redact)}
        super().log(level, msg, *args, **kwargs)


def _with_traceback(text: str, error: BaseException | None) -> str:
    return text if error is None else f"{text}\n{''.join(traceback.format_exception(error)).rstrip()}"


def _redacted(extra: Mapping[str, object] | None, redact: Redact) -> dict[str, object]:
    return {name: redact(value) if isinstance(value, str) else value for name, value in (extra or {}).items()}


def _error(exc_info: ExcInfo) -> BaseException | None:
    match exc_info:
        case BaseException():
            return exc_info
        case tuple():
            return exc_info[1]
        case True:
            return sys.exc_info()[1]
    return None
