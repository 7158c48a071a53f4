"""Asks whether an engine answers yet."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from typing import Any

_REQUEST_S = 5.0


def answers(url: str, key: str | None = None) -> bool:
    """Whether the answer of W1 there is right; `key` is where it has its output, None when it is the output."""
    answer = post(url, {"n": 0, "s": "x"})
    output = answer and answer.get(key) if key else answer
    return bool(output == {"n": 1, "s": "x"})


def post(url: str, value: object) -> Any:
    """The answer, parsed; None while there is none, or when it is an error."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    return _fetch(urllib.request.Request(url, json.dumps(value).encode(), headers))


def get(url: str) -> Any:
    """As `post`."""
    return _fetch(urllib.request.Request(url))


def _fetch(request: urllib.request.Request) -> Any:
    try:
        with urllib.request.urlopen(request, timeout=_REQUEST_S) as response:
            return json.loads(response.read())
    except (OSError, http.client.HTTPException):
        return None
