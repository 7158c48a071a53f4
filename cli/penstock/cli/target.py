"""Which server a command talks to."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from penstock.cli.errors import CannotConnect, UsageError


@dataclass(frozen=True, slots=True)
class Target:
    """A server's base URL, without a slash at its end, with the key to use there. The key may be empty."""

    url: str
    api_key: str


def find_target() -> Target:
    """What PENSTOCK_URL and PENSTOCK_API_KEY say; what they leave open comes from the running `penstock dev`.

    The key of `penstock dev` is never sent to another server than its own.
    Raises CannotConnect when neither names a server, UsageError when PENSTOCK_URL is no URL.
    """
    url = _checked(os.environ.get("PENSTOCK_URL", ""))
    api_key = os.environ.get("PENSTOCK_API_KEY", "")
    if url and api_key:
        return Target(url, api_key)
    local = _running_dev()
    if not url:
        if local is None:
            raise CannotConnect(
                f"no server: {_dev_file()} is not there; start `penstock dev`, or set PENSTOCK_URL and PENSTOCK_API_KEY"
            )
        return Target(local.url, api_key or local.api_key)
    return Target(url, local.api_key if local and local.url == url else "")


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, or an address that is none
        is_usable = False
    if url and not is_usable:
        raise UsageError(f'PENSTOCK_URL: expected an address such as http://127.0.0.1:8080, got "{url}"')
    return url.rstrip("/")


def _dev_file() -> Path:
    return Path(os.environ.get("PENSTOCK_DATA_DIR") or ".penstock") / "dev.json"


def _running_dev() -> Target | None:
    path = _dev_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotConnect(f"cannot read {path}: {error.strerror}") from error
    try:
        content = json.loads(text)
        return Target(content["http_url"].rstrip("/"), content["api_key"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotConnect(f"{path} is not what `penstock dev` writes; remove it and start again") from error
