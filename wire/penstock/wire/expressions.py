"""CEL over messages: type-checked once, evaluated often.

Conditions decide whether an edge is taken; transforms build the input of its target. The language is
Google's CEL with its string and math extensions. What one evaluation may cost is bounded by the library:
an expression is at most 32 levels deep and its comprehensions make at most 10,000 iterations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_math, ext_strings
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from penstock.wire.expression_problems import (
    EvaluationError,
    ExpressionError,
    ExpressionProblem,
    concealed_message,
    evaluation_message,
    no_such_field,
    problems_of,
    type_name,
)
from penstock.wire.sensitive import has_sensitive
from penstock.wire.types import TypePool

__all__ = ["ANY_TYPE", "Condition", "EvaluationError", "ExpressionError", "Expressions", "Transform"]

ANY_TYPE = "dyn"
"""Type of a variable whose message is not known: whatever is done with it passes the check."""

Says = Callable[[str], str]
_KEYWORDS = frozenset({"in", "true", "false", "null"})
_CONVERTIBLE = frozenset({"int", "uint", "double", "string"})


class Condition:
    """A compiled CEL expression that gives bool."""

    __slots__ = ("_expression", "_says", "text")

    def __init__(self, text: str, expression: cel.Expression, says: Says = evaluation_message) -> None:
        self.text = text
        self._expression = expression
        self._says = says

    def holds(self, **messages: Message) -> bool:
        """Whether it is true for these messages, by variable. Raises EvaluationError when it has no value."""
        value = _evaluate(self._expression, messages, self._says)
        if value is True or value is False:
            return value
        raise EvaluationError(self._says(str(value)))


class Transform:
    """A compiled CEL expression that gives a message. `text` compiles to the same again."""

    __slots__ = ("_expression", "_says", "text")

    def __init__(self, text: str, expression: cel.Expression, says: Says = evaluation_message) -> None:
        self.text = text
        self._expression = expression
        self._says = says

    def apply(self, **messages: Message) -> bytes:
        """The serialized message for these messages, by variable. Raises EvaluationError when it has no value."""
        value = _evaluate(self._expression, messages, self._says)
        if isinstance(value, Message):
            return value.SerializeToString()
        raise EvaluationError(self._says(str(value)))


class Expressions:
    """Compiles expressions over the same variables.

    `variables` gives the full name of each one's message type in `types`, or ANY_TYPE.
    """

    def __init__(self, types: TypePool, variables: Mapping[str, str]) -> None:
        self._types = types
        self._variables = dict(variables)
        # What an evaluation that failed is said to have met may be a value.
        self._says: Says = concealed_message if self._may_be_sensitive() else evaluation_message
        self._environment = cel.NewEnv(
            descriptor_pool=types.pool,
            variables={name: cel.Type(full_name) for name, full_name in variables.items()},
            extensions=[ext_strings.ExtStrings(), ext_math.ExtMath()],
        )

    def _may_be_sensitive(self) -> bool:
        return any("." in name and has_sensitive(self._types.descriptor(name)) for name in self._variables.values())

    def condition(self, text: str) -> Condition:
        """Raises ExpressionError when it is not CEL, names what does not exist, or does not give bool."""
        expression = self._compile(text)
        found = type_name(expression.return_type().name())
        if found != "bool":
            raise ExpressionError([ExpressionProblem("wrong type", expected="bool", found=found)])
        return Condition(text, expression, self._says)

    def transform(self, target_type: str, fields: Mapping[str, str]) -> Transform:
        """Builds a message of `target_type`, each named field from its expression.

        Fields that are not named keep their default. Raises ExpressionError with the problems of all fields.
        """
        target = self._types.descriptor(target_type)
        self._require_buildable(target)
        problems = list(_conflicts(target, fields))
        for name, text in sorted(fields.items()):
            problems.extend(self._field_problems(target, name, text))
        if problems:
            raise ExpressionError(problems)
        declared = [field.name for field in target.fields if field.name in fields]
        return self.load_transform(_literal(target_type, {name: fields[name] for name in declared}))

    def load_transform(self, text: str) -> Transform:
        """A transform from the text of an earlier one. Raises ExpressionError as it would have then."""
        return Transform(text, self._compile(text), self._says)

    def _compile(self, text: str) -> cel.Expression:
        try:
            return self._environment.compile(text)
        except RuntimeError as error:
            raise ExpressionError(problems_of(str(error), self._types, self._variables)) from None

    def _require_buildable(self, target: Descriptor) -> None:
        """CEL has values of its own for some well-known types, and cannot write a name that holds a keyword."""
        keywords = _KEYWORDS.intersection(target.full_name.split("."))
        if keywords:
            reason = f"a map cannot build {target.full_name}: {', '.join(sorted(keywords))} is a keyword of CEL"
            raise ExpressionError([ExpressionProblem(reason)])
        if not self._compile(_literal(target.full_name, {})).return_type().is_message():
            raise ExpressionError([ExpressionProblem(f"a map cannot build {target.full_name}")])

    def _field_problems(self, target: Descriptor, name: str, text: str) -> Iterable[ExpressionProblem]:
        if name not in target.fields_by_name:
            return [ExpressionProblem(no_such_field(name, target.full_name, self._types), field=name)]
        try:
            self._compile(text)  # by itself, so that positions are those of the author's own text
        except ExpressionError as error:
            return [replace(problem, field=name) for problem in error.problems]
        try:
            self._compile(_literal(target.full_name, {name: text}))
        except ExpressionError as error:
            return [_of_literal(problem, name) for problem in error.problems]
        return []


def _evaluate(expression: cel.Expression, messages: Mapping[str, Message], says: Says) -> Any:
    try:
        return expression.eval(data=messages).value()
    except RuntimeError as error:  # some failures are raised, others are values of type ERROR
        raise EvaluationError(says(str(error))) from None


def _literal(target_type: str, fields: Mapping[str, str]) -> str:
    return f"{target_type}{{{', '.join(_member(name, text) for name, text in fields.items())}}}"


def _member(name: str, text: str) -> str:
    quoted = f"`{name}`" if name in _KEYWORDS else name
    # The line break ends a comment at the end of the author's text.
    return f"{quoted}: ({text}\n)" if "//" in text else f"{quoted}: {text}"


def _conflicts(target: Descriptor, fields: Mapping[str, str]) -> Iterator[ExpressionProblem]:
    for oneof in target.oneofs:
        chosen = [field.name for field in oneof.fields if field.name in fields]
        if len(chosen) > 1:
            yield ExpressionProblem(f"{' and '.join(chosen)} are alternatives of {oneof.name}; map one of them")


def _of_literal(problem: ExpressionProblem, field: str) -> ExpressionProblem:
    """Without the position, which is in the literal, and with the conversion that would do."""
    message = problem.message
    if problem.expected in _CONVERTIBLE and problem.found in _CONVERTIBLE:
        message += f"; write {problem.expected}(…)"
    return replace(problem, message=message, line=0, column=0, field=field)
