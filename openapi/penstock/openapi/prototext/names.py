"""Shortens the full names of message types to what proto source needs to say in a scope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


class Names:
    """All names that some proto files define, and the packages around them.

    protoc takes the first part of a name for whatever has that name in the innermost scope, so a short name is
    used only where nothing else answers to it.
    """

    def __init__(self, files: Iterable[Any]) -> None:
        """`files` are FileDescriptorProtos."""
        self._known: set[str] = set()
        for file in files:
            parts = file.package.split(".") if file.package else []
            self._known.update(".".join(parts[: end + 1]) for end in range(len(parts)))
            self._known.update(_defined(file.package, file))

    def short(self, type_name: str, scope: str) -> str:
        """How source within `scope`, which is the full name of a message or a package, may call a type.

        `type_name` begins with a dot, as in descriptors. So does what comes back when nothing shorter is safe.
        """
        full_name = type_name[1:]
        short = full_name
        around = scope
        while around:
            if full_name.startswith(f"{around}."):
                short = full_name[len(around) + 1 :]
                break
            around = around.rpartition(".")[0]
        first = short.partition(".")[0]
        expected = full_name[: len(full_name) - len(short)] + first
        return short if self._first_answer(first, scope) == expected else type_name

    def _first_answer(self, name: str, scope: str) -> str:
        while scope:
            if f"{scope}.{name}" in self._known:
                return f"{scope}.{name}"
            scope = scope.rpartition(".")[0]
        return name


def _defined(scope: str, holder: Any) -> Iterator[str]:
    """Full names of everything in a file or a message; `holder` is the descriptor of one."""
    is_file = hasattr(holder, "message_type")
    messages = holder.message_type if is_file else holder.nested_type
    for message in messages:
        full_name = _within(scope, message.name)
        yield full_name
        yield from _defined(full_name, message)
    for enum in holder.enum_type:
        yield _within(scope, enum.name)
        for value in enum.value:
            yield _within(scope, value.name)  # values stand beside their enum
    for other in (*holder.extension, *(() if is_file else (*holder.field, *holder.oneof_decl))):
        yield _within(scope, other.name)
    for service in holder.service if is_file else ():
        yield _within(scope, service.name)
        yield from (f"{_within(scope, service.name)}.{method.name}" for method in service.method)


def _within(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name
