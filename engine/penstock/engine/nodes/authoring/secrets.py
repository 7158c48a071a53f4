"""The secrets of a running node, asked for one by one."""

from __future__ import annotations

from collections.abc import Callable

from penstock.engine.nodes.authoring.errors import NodeError


class UndeclaredSecret(NodeError, KeyError):
    """The node asked for a secret that it does not declare."""

    code = "SECRET_NOT_DECLARED"

    def __init__(self, node: str, name: str) -> None:
        super().__init__(f'node {node} is not given the secret {name}: declare it with @node(secrets=["{name}"])')

    # KeyError's own would show the message in quotes.
    __str__ = Exception.__str__


class Secrets:
    """`secrets["stripe_key"]`. It cannot be listed, so that nobody logs all of them at once.

    `find` raises a KeyError for a secret that the node does not declare; None stands for no secrets at all.
    """

    __slots__ = ("_find", "_node")

    def __init__(self, node: str, find: Callable[[str], str] | None) -> None:
        self._node = node
        self._find = find

    def __getitem__(self, name: str) -> str:
        """Raises UndeclaredSecret, which is a KeyError."""
        if self._find is None:
            raise UndeclaredSecret(self._node, name)
        try:
            return self._find(name)
        except UndeclaredSecret:
            raise
        except KeyError:
            raise UndeclaredSecret(self._node, name) from None

    def get(self, name: str, default: str | None = None) -> str | None:
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    __iter__ = None  # else Python would try secrets[0], secrets[1], …

    def __repr__(self) -> str:
        return f"<secrets of node {self._node}>"
