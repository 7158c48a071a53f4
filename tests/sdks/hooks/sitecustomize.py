"""Makes a Python that was started with this folder on its path believe that the extra sdk is not installed."""

from __future__ import annotations

import importlib.metadata

_find = importlib.metadata.version


def _version(distribution_name: str) -> str:
    if distribution_name.startswith("betterproto"):
        raise importlib.metadata.PackageNotFoundError(distribution_name)
    return _find(distribution_name)


importlib.metadata.version = _version
