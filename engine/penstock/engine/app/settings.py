"""How one engine process is set up."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from penstock.engine.domain import limits
from penstock.engine.domain.audit import Audited
from penstock.engine.runtime.upkeep.retention import RetentionSettings
from penstock.engine.webhooks.settings import WebhookSettings
from penstock.wire.tls import Tls


@dataclass(frozen=True, slots=True)
class Settings:
    """`data_dir` holds the embedded database and unpacked packages. `database_url` None means embedded. `grpc_host`
    None means no gRPC server: who runs the engine is the only one to call it.

    `instance` is for one of several processes that share a data directory and both ports: the name under which it
    finds its executions again. Somebody else then holds the directory's lock and has migrated the database, whose
    URL is given. None means that the process has all that to itself. `is_embedded` says that this URL is that of the
    directory's embedded database.

    `tls` None means that the gRPC server speaks plain text.

    `connections_max` is how many gRPC connections may be open at once.

    `archive_dir` is where executions are kept before they are removed, None for nowhere.

    `sends_traces`: each execution that ended is sent as a trace, where the environment says.

    `allows_publishing` False: no key can bring code to the engine, whatever its scopes.
    """

    data_dir: Path
    database_url: str | None
    grpc_host: str | None
    grpc_port: int
    drain_s: float = 10.0
    webhooks: WebhookSettings = field(default_factory=WebhookSettings, kw_only=True)
    retention: RetentionSettings = field(default_factory=RetentionSettings, kw_only=True)
    archive_dir: Path | None = field(default=None, kw_only=True)
    tls: Tls | None = field(default=None, kw_only=True)
    connections_max: int = field(default=limits.CONNECTIONS_MAX, kw_only=True)
    audited: Audited = field(default=Audited.CHANGES, kw_only=True)
    instance: str | None = field(default=None, kw_only=True)
    is_embedded: bool = field(default=False, kw_only=True)
    sends_traces: bool = field(default=False, kw_only=True)
    allows_publishing: bool = field(default=True, kw_only=True)
