"""The decorators that declare a function to be a node.

A decorated function stays the plain function it was: it can be called and tested without Penstock.
What is wrong with a declaration is found when the package loads, together with everything else.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from penstock.engine.domain.artifact import NodeKind
from penstock.engine.domain.spelling import or_one_of

_F = TypeVar("_F", bound=Callable[..., object])

Retries = int | Mapping[str, Any]
"""Most attempts, or the keys of `retries` in a flow file."""

ATTRIBUTE = "__penstock_declaration__"
"""The attribute of a declared function that holds its Declaration."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declared function, as its author wrote it and unchecked.

    `timeout` is seconds or text such as "10s". None stands for what was not given.
    """

    function: Callable[..., object]
    kind: NodeKind
    name: str
    timeout: float | str | None = None
    description: str | None = None
    retries: Retries | None = None
    secrets: Sequence[str] | None = None
    signals: Mapping[str, type | str] | None = None


_collected: ContextVar[list[Declaration] | None] = ContextVar("penstock_collected_declarations", default=None)


@contextmanager
def collect() -> Iterator[list[Declaration]]:
    """Gives the list to which every declaration made in this context is added, in order."""
    declarations: list[Declaration] = []
    token = _collected.set(declarations)
    try:
        yield declarations
    finally:
        _collected.reset(token)


@overload
def node(function: _F, /) -> _F: ...
@overload
def node(
    *,
    name: str | None = None,
    timeout: float | str | None = None,
    description: str | None = None,
    retries: Retries | None = None,
    secrets: Sequence[str] | None = None,
    signals: Mapping[str, type | str] | None = None,
) -> Callable[[_F], _F]: ...
def node(function: Any = None, /, **arguments: Any) -> Any:
    """Declares a unary node: one message in, one out. `async def` and plain functions both work.

    `name` is the function's own unless given. `timeout` bounds one attempt: seconds, or text such as
    "10s", "200ms", "5m"; 300 s unless given. `description` is the docstring's first paragraph unless given.
    `retries` says how often it is tried again: the most attempts, or a dict with any of max_attempts,
    initial_backoff, multiplier, max_backoff, jitter, retry_on and max_system_attempts; not at all unless given.
    `secrets` names those that it is given. `signals` are the types of those that it waits for, by name, beside those
    that are seen in its source.
    """
    return _declare("node", NodeKind.UNARY, function, arguments)


@overload
def pipeline(function: _F, /) -> _F: ...
@overload
def pipeline(
    *,
    name: str | None = None,
    timeout: float | str | None = None,
    description: str | None = None,
    retries: Retries | None = None,
    secrets: Sequence[str] | None = None,
    signals: Mapping[str, type | str] | None = None,
) -> Callable[[_F], _F]: ...
def pipeline(function: Any = None, /, **arguments: Any) -> Any:
    """Declares a pipeline node: one message in, a stream of frames out. Async and plain generators both work.

    An async generator may take a stream as well: AsyncIterator[T]. The arguments are those of `node`; `timeout`
    bounds the whole stream.
    """
    return _declare("pipeline", NodeKind.PIPELINE, function, arguments)


def _declare(decorator: str, kind: NodeKind, function: Any, arguments: Mapping[str, Any]) -> Any:
    unknown = [name for name in arguments if name not in _ARGUMENTS]
    if unknown:
        raise TypeError(f"@{decorator} has no argument {unknown[0]}{or_one_of(unknown[0], _ARGUMENTS)}")

    def declare(function: Any) -> Any:
        if not inspect.isfunction(function):
            found = repr(function) if isinstance(function, str) else type(function).__name__
            raise TypeError(f"@{decorator} goes on a function, not on {found}; its arguments are given by name")
        name = arguments.get("name") or function.__name__
        declaration = Declaration(function, kind, **{**arguments, "name": name})
        setattr(function, ATTRIBUTE, declaration)
        collected = _collected.get()
        if collected is not None:
            collected.append(declaration)
        return function

    return declare if function is None else declare(function)


_ARGUMENTS = ("name", "timeout", "description", "retries", "secrets", "signals")
