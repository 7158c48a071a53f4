"""Counts what the journal does, once a group."""

from __future__ import annotations

from penstock.wire.metrics import Histogram

_ENTRIES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class JournalCounts:
    """Of one journal."""

    def __init__(self) -> None:
        self.entries = Histogram(_ENTRIES)
        """Entries of a group."""
        self.writes = Histogram(_SECONDS)
        """How long the database took for a group."""
        self.commits = Histogram(_SECONDS)
        """How long the entry of a group that waited longest was on its way, until it was durable."""
        self.retry_count = 0
        """Groups that were sent again because the database did not answer."""
        self.refused_count = 0
        """Entries that could not be stored."""

    def add(self, entry_count: int, write_s: float, commit_s: float) -> None:
        """Counts a group that is durable."""
        self.entries.observe(entry_count)
        self.writes.observe(write_s)
        self.commits.observe(commit_s)
