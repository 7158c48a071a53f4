"""What a gate gives is filled with CEL over the nodes before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from penstock.engine.compiler.gate_expressions import gate_transform, words_before
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.expression_problems import ExpressionProblem
from penstock.wire.expressions import ANY_TYPE, ExpressionError


def check(subject: Subject) -> Iterator[Problem]:
    for name, _ in subject.of_kind("gate"):
        try:
            gate_transform(subject, name)
        except ExpressionError as error:
            yield from _problems(subject, name, error)


def _problems(subject: Subject, name: str, error: ExpressionError) -> Iterator[Problem]:
    fields, words = subject.flow.nodes[name].gate.fields, words_before(subject, name)
    explained = set()
    for problem in error.problems:
        if problem.found == ANY_TYPE:
            continue  # only because a type is not known, which is reported as what it is
        word = _word_in(fields[problem.field], words) if problem.field in fields else ""
        if not word:
            yield _problem(name, problem)
        elif problem.field not in explained:
            explained.add(problem.field)
            reason = f"{word} means something else in CEL, so the gate cannot read the node of that name"
            yield Problem(f"node {name}", f"fields {problem.field}: {reason}")


def _problem(name: str, problem: ExpressionProblem) -> Problem:
    place = f"fields {problem.field}" if problem.field else "fields"
    return Problem(f"node {name}", f"{place}: {problem}", problem.expected, problem.found)


def _word_in(text: str, words: Set[str]) -> str:
    """The first of the words that the text reads a field of."""
    return next((word for word in sorted(words) if re.search(rf"(?<![\w.]){word}\s*\.", text)), "")
