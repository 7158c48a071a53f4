"""Generated functions, one a message type, that call each other.

Walking a message by its descriptor costs several times what the message itself costs; so for each type
straight-line Python source is written once, as protoc does for other languages, and compiled.
"""

from __future__ import annotations

import keyword
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

Function = Callable[..., Any]


class Functions(ABC):
    """A set of functions that grows by need. Safe to use from several threads.

    `names` are what the source may refer to, `given` the functions of types that need no source, by
    full name.
    """

    def __init__(self, prefix: str, names: Mapping[str, object], given: Mapping[str, Function]) -> None:
        self._prefix = prefix
        self._namespace: dict[str, Any] = dict(names)
        self._given = given
        self._name_of: dict[Descriptor, str] = {}
        self._unwritten: list[Descriptor] = []
        self._lock = Lock()

    def function(self, descriptor: Descriptor) -> Function:
        """The function of a message type, written first where it is not there yet."""
        with self._lock:
            name = self._function_name(descriptor)
            # A list of work, not recursion: types may refer to each other, and in long chains.
            while self._unwritten:
                self._define(self._unwritten.pop())
            function: Function = self._namespace[name]
            return function

    @abstractmethod
    def _source(self, descriptor: Descriptor, name: str) -> list[str]:
        """The lines of the function `name` for messages of type `descriptor`."""

    def _function_name(self, descriptor: Descriptor) -> str:
        """How source calls the function of a message type, which is written later if need be."""
        name = self._name_of.get(descriptor)
        if name is None:
            name = self._name_of[descriptor] = f"{self._prefix}_{len(self._name_of)}"
            if descriptor.full_name in self._given:
                self._namespace[name] = self._given[descriptor.full_name]
            else:
                self._unwritten.append(descriptor)
        return name

    def _bind(self, stem: str, value: object) -> str:
        """A new name, for source, of `value`."""
        name = f"{stem}_{len(self._namespace)}"
        self._namespace[name] = value
        return name

    def _define(self, descriptor: Descriptor) -> None:
        name = self._name_of[descriptor]
        source = "\n".join(self._source(descriptor, name))
        exec(compile(source, f"<{name}: {descriptor.full_name}>", "exec"), self._namespace)


def indented(lines: list[str]) -> list[str]:
    """The lines one block further in."""
    return ["    " + line for line in lines]


def read_of(field: FieldDescriptor) -> str:
    """The expression for a field of the message `m`."""
    return f"m.{field.name}" if _is_plain(field.name) else f"getattr(m, {field.name!r})"


def write_of(field: FieldDescriptor, value: str) -> str:
    """The statement that sets a field of the message `m`."""
    return f"m.{field.name} = {value}" if _is_plain(field.name) else f"setattr(m, {field.name!r}, {value})"


def _is_plain(name: str) -> bool:
    # Names with two underscores in front may mean something to the compiler (`__debug__`).
    return not keyword.iskeyword(name) and not name.startswith("__")
