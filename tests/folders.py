"""A folder of tests is a unit: one process runs it, and what its tests share ends with the last of them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

LONGEST = (
    *("e2e", "docs", "durable", "sdks", "storage", "bench", "pauses", "pipelines", "flows", "browser", "fuzz", "keys"),
    *("watch", "export", "explain", "again", "bulk", "usage", "find", "policies", "retention", "webhooks", "configs"),
)
"""Folders whose tests take long, the longest first: begun last, one of them would run on alone."""


class Folder(pytest.Package):
    """A folder in which fixtures of the scope "package" may be, without an `__init__.py`."""

    def setup(self) -> None:
        pass


def folder_of(nodeid: str) -> str:
    """The folder below tests/ that a test is in."""
    return PurePosixPath(nodeid.partition("::")[0]).parts[1]


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> Folder:
    return Folder.from_parent(parent, path=path)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {folder: rank for rank, folder in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(folder_of(item.nodeid), len(ranks)))


class ByFolder(LoadScopeScheduling):
    """Gives a process the next folder when it is nearly done with its last one."""

    def _split_scope(self, nodeid: str) -> str:
        return folder_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFolder:
    return ByFolder(config, log)
