"""What the CEL of a gate can see: the outputs of the nodes before it by their names, and `input` of the flow."""

from __future__ import annotations

import re
from collections.abc import Mapping

from penstock.engine.compiler.graph import before
from penstock.engine.compiler.subject import Subject
from penstock.wire.expressions import ANY_TYPE, ExpressionError, Expressions, Transform

# fmt: off
CEL_WORDS = frozenset({
    "as", "bool", "break", "bytes", "const", "continue", "double", "dyn", "else", "false", "for", "function", "if",
    "import", "in", "input", "int", "let", "list", "loop", "map", "namespace", "null", "null_type", "package",
    "return", "string", "true", "type", "uint", "var", "void", "while",
})
# fmt: on
"""What means something else in CEL, so that no node can be read by it: keywords, types, and the flow's input."""

_WORD = re.compile(r"[a-z][a-z0-9_]*")


def gate_transform(subject: Subject, name: str) -> Transform | None:
    """What gives the gate's output; None when types are not known.

    Raises ExpressionError with the problems of all fields.
    """
    gate, output = subject.flow.nodes[name].gate, subject.ends[name].output
    if subject.types is None or not output:
        return None
    variables = _variables(subject, name)
    try:
        return Expressions(subject.types, _named(variables, *gate.fields.values())).transform(output, gate.fields)
    except ExpressionError:
        # Many variables take long, so all of them are there only for the problems, which name them.
        return Expressions(subject.types, variables).transform(output, gate.fields)


def gate_reads(subject: Subject, name: str, transform: Transform) -> list[str]:
    """The nodes whose outputs the gate's expression reads, by name."""
    named = _named(_variables(subject, name), transform.text)
    return [word for word in named if word != "input" and _is_read(subject, word, named, transform.text)]


def words_before(subject: Subject, name: str) -> set[str]:
    """Nodes before this one that CEL cannot name."""
    return before(subject, name) & CEL_WORDS


def _variables(subject: Subject, name: str) -> dict[str, str]:
    outputs = {node: subject.ends[node].output for node in before(subject, name) - CEL_WORDS}
    return {node: output or ANY_TYPE for node, output in outputs.items()} | {"input": subject.input_type or ANY_TYPE}


def _named(variables: Mapping[str, str], *texts: str) -> dict[str, str]:
    """Those of the variables that the texts may mean, by name."""
    words = {word for text in texts for word in _WORD.findall(text)}
    return {word: variables[word] for word in sorted(words & variables.keys())}


def _is_read(subject: Subject, word: str, named: Mapping[str, str], text: str) -> bool:
    """Whether the expression means the node by this word: it may be a field, a package or in a text as well."""
    assert subject.types is not None
    try:
        Expressions(subject.types, {key: named[key] for key in named if key != word}).load_transform(text)
    except ExpressionError:
        return True
    return False
