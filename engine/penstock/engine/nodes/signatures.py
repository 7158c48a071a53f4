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
from penstock.engine.nodes.manifest import NAME
from penstock.engine.nodes.timeouts import parse_timeout

_ASYNC_STREAMS = (abc.AsyncIterator, abc.AsyncGenerator, abc.AsyncIterable)
_NONE = inspect.Parameter.empty
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
        declaration = self.declaration
        if not re.fullmatch(NAME, declaration.name):
            rule = "a-z, 0-9 and _, a letter first"
            self.problem("the name does not work; give one with @node(name=…)", rule, declaration.name)
        timeout_s = self.timeout()
        kind_fits, is_async = self.kind()
        hints = self.hints()
        taken = self.input(hints)
        given = self.output(hints, is_async) if kind_fits else None
        if self.problems or taken is None or given is None:
            raise Unusable(self.problems)
        description = declaration.description or _first_paragraph(self.function)
        return Signature(
            self.where,
            declaration.name,
            declaration.kind,
            self.function,
            is_async,
            taken,
            given,
            timeout_s,
            description,
        )

    def timeout(self) -> float | None:
        if self.declaration.timeout is None:
            return None
        try:
            return parse_timeout(self.declaration.timeout)
        except ValueError as error:
            self.problem(f"timeout: {error}")
            return None

    def kind(self) -> tuple[bool, bool]:
        """Whether the decorator is the right one, and whether the function is async."""
        coroutine = inspect.iscoroutinefunction(self.function)
        async_generator = inspect.isasyncgenfunction(self.function)
        generator = async_generator or inspect.isgeneratorfunction(self.function)
        if self.declaration.kind is NodeKind.UNARY and generator:
            self.problem("it is a generator, which gives many messages: declare it with @pipeline")
        elif self.declaration.kind is NodeKind.PIPELINE and not generator:
            self.problem("it has no yield: a pipeline yields its frames; declare it with @node if it gives one message")
        else:
            return True, coroutine or async_generator
        return False, False

    def hints(self) -> Mapping[str, object] | None:
        """The annotations by parameter; None when they cannot be read."""
        try:
            return typing.get_type_hints(self.function)
        except Exception as error:  # annotations are the author's code
            self.problem(f"its annotations cannot be read: {type(error).__name__}: {error}")
            return None

    def input(self, hints: Mapping[str, object] | None) -> type | None:
        parameters = list(inspect.signature(self.function).parameters.values())
        plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        if len(parameters) != 1 or parameters[0].kind not in plain:
            found = ", ".join(str(parameter.replace(annotation=_NONE, default=_NONE)) for parameter in parameters)
            self.problem("it does not take what a node takes", "one plain parameter, its message", found or "none")
            return None
        if hints is None:
            return None
        name = parameters[0].name
        return self.message(f"the parameter {name}", hints.get(name, _NONE))

    def output(self, hints: Mapping[str, object] | None, is_async: bool) -> type | None:
        if hints is None:
            return None
        given = hints.get("return", _NONE)
        if self.declaration.kind is NodeKind.UNARY or given is _NONE:
            return self.message("what it returns", given)
        right, word = (_ASYNC_STREAMS, "AsyncIterator") if is_async else (_STREAMS, "Iterator")
        if typing.get_origin(given) not in right:
            expected = f"{word}[T], T being {self.message_words}"
            self.problem("what it returns has the wrong annotation", expected, spell(given))
            return None
        return self.message("what it yields", typing.get_args(given)[0])

    def message(self, what: str, hint: object) -> type | None:
        """The class that a message is annotated with; `hint` is _NONE for no annotation."""
        if hint is _NONE:
            self.problem(f"{what} has no annotation", self.message_words, "nothing")
        elif isinstance(hint, type) and self.is_message(hint):
            return hint
        else:
            self.problem(f"{what} has the wrong annotation", self.message_words, spell(hint))
        return None

    def problem(self, message: str, expected: str = "", found: str = "") -> None:
        self.problems.append(Problem(self.where, f"node {self.declaration.name}: {message}", expected, found))


def place(declaration: Declaration, root: Path) -> str:
    """File and line of the function."""
    code = getattr(inspect.unwrap(declaration.function), "__code__", None)
    if code is None:  # a decorator above made something else of the function
        return "nodes.py"
    file = Path(code.co_filename)
    name = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name
    return f"{name}:{code.co_firstlineno}"


def _first_paragraph(function: Callable[..., object]) -> str:
    text = inspect.getdoc(function) or ""
    return " ".join(text.split("\n\n")[0].split())
