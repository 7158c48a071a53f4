"""The mark of fields whose values are not for everybody who may look at executions."""

from __future__ import annotations


class Sensitive:
    """Made once: `Annotated[str, sensitive]`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "sensitive"


sensitive = Sensitive()
"""`pin: Annotated[str, sensitive]`: keys without the scope "payloads:sensitive" get the message without the value."""
