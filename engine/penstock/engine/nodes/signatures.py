"""Reads what a declared function takes and gives from its signature."""

from __future__ import annotations

import collections.abc as abc
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from penstock.engine.domain.artifact import NodeKind
from penstock.engine.domain.problem import Problem
from penstock.engine.nodes.annotations import spell
from penstock.engine.nodes.authoring import Declaration
from penstock.engine.nodes.names import NAME
from penstock.engine.nodes.retries import parse_retries
from penstock.engine.nodes.secrets import parse_secrets
from penstock.engine.nodes.signal_calls import find_signal_calls, name_below
from penstock.engine.nodes.signals import Messages, read_signals
from penstock.engine.nodes.timeouts import parse_timeout
from penstock.wire.gen.retries_pb2 import Retries

_ASYNC_STREAMS = (abc.AsyncIterator, abc.AsyncGenerator, abc.AsyncIterable)
_NONE = inspect.Parameter.empty
_STREAMS = (abc.Iterator, abc.Generator, abc.Iterable)


@dataclass(frozen=True, slots=True)
class Signature:
    """A declared function that is fit to be a node. `input` and `output` are the classes it is annotated with.

    `is_async` is true for a coroutine function or an async generator. `where` is its file and line. `takes_frames` is
    true for a pipeline that takes a stream of `input`. None stands for what was not given.
    """

    where: str
    name: str
    kind: NodeKind
    function: Callable[..., object]
    is_async: bool
    takes_frames: bool
    input: type
    output: type
    timeout_s: float | None
    description: str
    retries: Retries | None
    secrets: tuple[str, ...] | None
    signals: Mapping[str, type]


class Unusable(Exception):
    """The function cannot be a node, for the reasons in `problems`."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def read_signature(
    declaration: Declaration, root: Path, messages: Messages, listed_signals: Mapping[str, str]
) -> Signature:
    """The signature of a declared function of the package in the folder `root`. Raises Unusable.

    `listed_signals` are the types by name that the manifest has for it.
    """
    return _Reading(declaration, root, messages, listed_signals).signature()


class _Reading:
    def __init__(
        self, declaration: Declaration, root: Path, messages: Messages, listed_signals: Mapping[str, str]
    ) -> None:
        self.declaration = declaration
        self.function = declaration.function
        self.root = root
        self.where = place(declaration, root)
        self.messages = messages
        self.listed_signals = listed_signals
        self.problems: list[Problem] = []

    def signature(self) -> Signature:
        declaration = self.declaration
        if not re.fullmatch(NAME, declaration.name):
            rule = "a-z, 0-9 and _, a letter first"
            self.problem("the name does not work; give one with @node(name=…)", rule, declaration.name)
        timeout_s = self.timeout()
        retries, secrets = self.retries(), self.secrets()
        kind_fits = self.kind()
        hints = self.hints()
        taken, takes_frames = self.input(hints)
        given = self.output(hints) if kind_fits else None
        signals = self.signals()
        if self.problems or taken is None or given is None:
            raise Unusable(self.problems)
        description = declaration.description or _first_paragraph(self.function)
        return Signature(
            self.where,
            declaration.name,
            declaration.kind,
            self.function,
            is_async(self.function),
            takes_frames,
            taken,
            given,
            timeout_s,
            description,
            retries,
            secrets,
            signals,
        )

    def timeout(self) -> float | None:
        if self.declaration.timeout is None:
            return None
        try:
            return parse_timeout(self.declaration.timeout)
        except ValueError as error:
            self.problem(f"timeout: {error}")
            return None

    def retries(self) -> Retries | None:
        if self.declaration.retries is None:
            return None
        return parse_retries(
            self.declaration.retries,
            lambda key, message: self.problem(f"retries{'.' * bool(key)}{key}: {message}"),
        )

    def secrets(self) -> tuple[str, ...] | None:
        if self.declaration.secrets is None:
            return None
        try:
            return parse_secrets(self.declaration.secrets)
        except ValueError as error:
            self.problem(f"secrets: {error}")
            return None

    def signals(self) -> Mapping[str, type]:
        calls = find_signal_calls(self.function, self.root)
        signals = read_signals(self.declaration, self.listed_signals, calls, self.messages, self.problem)
        if signals and not is_async(self.function):
            self.problem("a plain function cannot wait for signals: declare it with async def")
        return signals

    def kind(self) -> bool:
        """Whether the decorator is the right one."""
        generator = inspect.isasyncgenfunction(self.function) or inspect.isgeneratorfunction(self.function)
        if self.declaration.kind is NodeKind.UNARY and generator:
            self.problem("it is a generator, which gives many messages: declare it with @pipeline")
        elif self.declaration.kind is NodeKind.PIPELINE and not generator:
            self.problem("it has no yield: a pipeline yields its frames; declare it with @node if it gives one message")
        else:
            return True
        return False

    def hints(self) -> Mapping[str, object] | None:
        """The annotations by parameter; None when they cannot be read."""
        try:
            return typing.get_type_hints(self.function)
        except Exception as error:  # annotations are the author's code
            self.problem(f"its annotations cannot be read: {type(error).__name__}: {error}")
            return None

    def input(self, hints: Mapping[str, object] | None) -> tuple[type | None, bool]:
        """The class of the message that it takes, and whether it takes a stream of them."""
        parameters = list(inspect.signature(self.function).parameters.values())
        plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        if len(parameters) != 1 or parameters[0].kind not in plain:
            found = ", ".join(str(parameter.replace(annotation=_NONE, default=_NONE)) for parameter in parameters)
            self.problem("it does not take what a node takes", "one plain parameter, its message", found or "none")
            return None, False
        if hints is None:
            return None, False
        name = parameters[0].name
        hint = hints.get(name, _NONE)
        if typing.get_origin(hint) not in (*_ASYNC_STREAMS, *_STREAMS):
            return self.message(f"the parameter {name}", hint), False
        if self.declaration.kind is NodeKind.UNARY or not is_async(self.function):
            self.problem(f"the parameter {name} is a stream: only a @pipeline that is an async generator takes one")
            return None, False
        if typing.get_origin(hint) not in _ASYNC_STREAMS:
            expected = f"AsyncIterator[T], T being {self.messages.words}"
            self.problem(f"the parameter {name} has the wrong annotation", expected, spell(hint))
            return None, False
        return self.message(f"what comes in {name}", typing.get_args(hint)[0]), True

    def output(self, hints: Mapping[str, object] | None) -> type | None:
        if hints is None:
            return None
        given = hints.get("return", _NONE)
        if self.declaration.kind is NodeKind.UNARY or given is _NONE:
            return self.message("what it returns", given)
        right, word = (_ASYNC_STREAMS, "AsyncIterator") if is_async(self.function) else (_STREAMS, "Iterator")
        if typing.get_origin(given) not in right:
            expected = f"{word}[T], T being {self.messages.words}"
            self.problem("what it returns has the wrong annotation", expected, spell(given))
            return None
        return self.message("what it yields", typing.get_args(given)[0])

    def message(self, what: str, hint: object) -> type | None:
        """The class that a message is annotated with; `hint` is _NONE for no annotation."""
        if hint is _NONE:
            self.problem(f"{what} has no annotation", self.messages.words, "nothing")
        elif isinstance(hint, type) and self.messages.is_message(hint):
            return hint
        else:
            self.problem(f"{what} has the wrong annotation", self.messages.words, spell(hint))
        return None

    def problem(self, message: str, expected: str = "", found: str = "") -> None:
        self.problems.append(Problem(self.where, f"node {self.declaration.name}: {message}", expected, found))


def is_async(function: Callable[..., object]) -> bool:
    """Whether it is a coroutine function or an async generator."""
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def place(declaration: Declaration, root: Path) -> str:
    """File and line of the function."""
    code = getattr(inspect.unwrap(declaration.function), "__code__", None)
    if code is None:  # a decorator above made something else of the function
        return "nodes.py"
    return f"{name_below(root, code.co_filename)}:{code.co_firstlineno}"


def _first_paragraph(function: Callable[..., object]) -> str:
    text = inspect.getdoc(function) or ""
    return " ".join(text.split("\n\n")[0].split())
