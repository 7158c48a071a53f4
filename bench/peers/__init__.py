"""The other durable engines, on the same machine and, where they use Postgres, in the same cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.peers.calls import FLOWS
from bench.peers.engines import ENGINES
from bench.peers.install import VERSIONS, install

__all__ = ["PeerTarget", "start_all"]


@dataclass(frozen=True, slots=True)
class PeerTarget:
    """What `calls.peer_call` is made for."""

    name: str
    """With its version, as a report calls it."""
    kind: str
    """A key of `engines.ENGINES`."""
    url: str
    flows: tuple[str, ...]
    """Those that it has: an engine without durable streams has no S100."""


@contextmanager
def start_all(folder: Path, database_url: str) -> Iterator[list[PeerTarget]]:
    """All engines that this machine can run, installed when needed, each answering; gone at the end.

    Their data and logs are in `folder`. Those that use Postgres get a database of their own in the
    cluster of `database_url`. Raises RuntimeError when an install fails or an engine does not get ready.
    """
    with ExitStack() as stack:
        targets = []
        for kind in install():
            engine = ENGINES[kind](folder / kind, database_url)
            stack.callback(engine.stop)
            engine.start()
            targets.append(PeerTarget(VERSIONS[kind], kind, engine.url, FLOWS[kind]))
        yield targets
