"""Reads what a declared function takes and gives from its signature."""

from __future__ import annotations

import collections.abc as abc
import inspect
import re
import typing
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from penstock.engine.domain.artifact import NodeKind
from penstock.engine.domain.problem import Problem
from penstock.engine.nodes.annotations import spell
from penstock.engine.nodes.authoring import Declaration
from penstock.engine.nodes.manifest import NAME
from penstock.engine.nodes.timeouts import parse_timeout

_ASYNC_STREAMS = (abc.AsyncIterator, abc.AsyncGenerator, abc.AsyncIterable)
_STREAMS = (abc.Iterator, abc.Generator, abc.Iterable)


@dataclass(frozen=True, slots=True)
class Signature:
    """A declared function that is fit to be a node. `input` and `output` are the classes it is annotated with.

    `is_async` is true for a coroutine function or an async generator. `where` is its file and line.
    """

    where: str
    name: str
    kind: NodeKind
    function: Callable[..., object]
    is_async: bool
    input: type
    output: type
    timeout_s: float | None
    description: str


class Unusable(Exception):
    """The function cannot be a node, for the reasons in `problems`."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def read_signature(
    declaration: Declaration, root: Path, is_message: Callable[[type], bool], message_words: str
) -> Signature:
    """The signature of a declared function of the package in the folder `root`. Raises Unusable.

    `is_message` says whether a class may be taken or given; `message_words` names such a class in problems.
    """
    return _Reading(declaration, root, is_message, message_words).signature()


class _Reading:
    def __init__(
        self, declaration: Declaration, root: Path, is_message: Callable[[type], bool], message_words: str
    ) -> None:
        self.declaration = declaration
        self.function = declaration.function
        self.where = place(declaration, root)
        self.is_message = is_message
        self.message_words = message_words
        self.problems: list[Problem] = []

    def signature(self) -> Signature:
        name = self.declaration.name
        if not re.fullmatch(NAME, name):
            self.problem("the name does not work; give one with @node(name=…)", "a-z, 0-9 and _, a letter first", name)
        timeout_s = self.timeout()
        is_async = self.is_async()
        hints = self.hints()
        given, taken = self.output(hints, is_async), self.input(hints)
        if self.problems or taken is None or given is None:
            raise Unusable(self.problems)
        description = self.declaration.description or _first_paragraph(self.function)
        kind = self.declaration.kind
        return Signature(self.where, name, kind, self.function, is_async, taken, given, timeout_s, description)

    def timeout(self) -> float | None:
        if self.declaration.timeout is None:
            return None
        try:
            return parse_timeout(self.declaration.timeout)
        except ValueError as error:
            self.problem(f"timeout: {error}")
            return None

    def is_async(self) -> bool:
        coroutine = inspect.iscoroutinefunction(self.function)
        async_generator = inspect.isasyncgenfunction(self.function)
        generator = async_generator or inspect.isgeneratorfunction(self.function)
        if self.declaration.kind is NodeKind.UNARY and generator:
            self.problem("it is a generator, which gives many messages: declare it with @pipeline")
        if self.declaration.kind is NodeKind.PIPELINE and not generator:
            self.problem("it has no yield: a pipeline yields its frames; declare it with @node if it gives one message")
        return coroutine or async_generator

    def hints(self) -> dict[str, object]:
        try:
            return typing.get_type_hints(self.function)
        except Exception as error:  # annotations are the author's code
            self.problem(f"its annotations cannot be read: {type(error).__name__}: {error}")
            return {}

    def input(self, hints: dict[str, object]) -> type | None:
        parameters = list(inspect.signature(self.function).parameters.values())
        plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        if len(parameters) != 1 or parameters[0].kind not in plain:
            found = ", ".join(map(str, parameters)) or "none"
            self.problem("it does not take what a node takes", "one parameter, its message", found)
            return None
        return self.message(f"the parameter {parameters[0].name}", hints.get(parameters[0].name), hints)

    def output(self, hints: dict[str, object], is_async: bool) -> type | None:
        given = hints.get("return")
        if self.declaration.kind is NodeKind.UNARY or "return" not in hints:
            return self.message("what it returns", given, hints, missing="return" not in hints)
        right, word = (_ASYNC_STREAMS, "AsyncIterator") if is_async else (_STREAMS, "Iterator")
        if typing.get_origin(given) not in right:
            expected = f"{word}[T], T being {self.message_words}"
            self.problem("what it returns has the wrong annotation", expected, spell(given))
            return None
        return self.message("what it yields", typing.get_args(given)[0], hints)

    def message(self, what: str, hint: object, hints: dict[str, object], missing: bool | None = None) -> type | None:
        if isinstance(hint, type) and self.is_message(hint):
            return hint
        if hint is None if missing is None else missing:
            if hints or not self.problems:  # else the annotations could not be read, which is said already
                self.problem(f"{what} has no annotation", self.message_words, "nothing")
        else:
            self.problem(f"{what} has the wrong annotation", self.message_words, spell(hint))
        return None

    def problem(self, message: str, expected: str = "", found: str = "") -> None:
        self.problems.append(Problem(self.where, f"node {self.declaration.name}: {message}", expected, found))


def place(declaration: Declaration, root: Path) -> str:
    """File and line of the function."""
    code = inspect.unwrap(declaration.function).__code__  # type: ignore[attr-defined]
    file = Path(code.co_filename)
    name = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name
    return f"{name}:{code.co_firstlineno}"


def _first_paragraph(function: Callable[..., object]) -> str:
    text = inspect.getdoc(function) or ""
    return " ".join(text.split("\n\n")[0].split())
