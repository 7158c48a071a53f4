"""Runs in an environment with clients: what becomes of messages that go through their classes.

Reads [[package, "Input" or "Output", base64], …] as JSON from standard input and prints the bytes that come out again.
"""

from __future__ import annotations

import compileall
import importlib
import inspect
import json
import sys
from base64 import b64decode, b64encode
from pathlib import Path

answers = []
for name, side, raw in json.load(sys.stdin):
    package = importlib.import_module(name)
    assert package.__file__ is not None
    assert compileall.compile_dir(Path(package.__file__).parent, quiet=1), name
    message = getattr(package, side)
    given = b64decode(raw)
    parsed = message.parse(given) if inspect.ismethod(message.parse) else message().parse(given)
    repr(parsed)
    answers.append(b64encode(bytes(parsed)).decode())
json.dump(answers, sys.stdout)
