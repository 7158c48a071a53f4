"""What flows and nodes may be called, and what their services are called after them."""

from __future__ import annotations

import keyword
import re

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def is_name(text: str) -> bool:
    """Whether a flow or a node may have this name."""
    return _NAME.fullmatch(text) is not None


def class_name(flow: str) -> str:
    """The flow's name in camel case, fit for a service in .proto and for a class in Python.

    "order_total" is OrderTotal. "none" is NoneFlow, because Python has no class None.
    """
    name = "".join(word.capitalize() for word in flow.split("_"))
    return f"{name}Flow" if keyword.iskeyword(name) else name


def service_name(flow: str, version: int) -> str:
    """Full name of the service of one artifact: flows.order_total.v3.OrderTotal."""
    return f"flows.{flow}.v{version}.{class_name(flow)}"
