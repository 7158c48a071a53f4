"""Puts together what sends traces, where its library is installed."""

from __future__ import annotations

import logging
from importlib.metadata import version

from penstock.engine.rpc.views.timeline import Timeline
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.lots import Lots
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.views import Views
from penstock.engine.telemetry.traces import Traces

log = logging.getLogger(__name__)


def make_traces(runtime: Runtime, database: Database) -> Traces | None:
    """None, and a warning, where the library is not installed: that is no reason not to serve."""
    try:
        from penstock.engine.telemetry.otlp import OtlpExporter
    except ImportError as error:
        log.warning(
            "no traces are sent: install the extra, as in pip install 'penstock[otel]'",
            extra={"action": "traces_not_installed", "error": str(error)},
        )
        return None
    timeline = Timeline(runtime, Registry(database), Views(database), Lots(database))
    return Traces(runtime, timeline, OtlpExporter(version("penstock"), runtime.keeper.process))
