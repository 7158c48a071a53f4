"""Which signals a node waits for: those of the manifest, of the decorator and of the source, which have to agree."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from penstock.engine.nodes.annotations import spell
from penstock.engine.nodes.authoring import Declaration
from penstock.engine.nodes.limits import SIGNALS_MAX
from penstock.engine.nodes.names import NAME, NAME_RULE
from penstock.engine.nodes.signal_calls import Call


class Messages(Protocol):
    """Which classes are messages. `words` names such a class in problems."""

    words: str

    def is_message(self, cls: type) -> bool:
        """Whether nodes may take and give this class."""
        ...

    def named(self, name: str, space: Mapping[str, object]) -> object | None:
        """What a name or full name stands for where the names in `space` are known, None for nothing."""
        ...


class Tell(Protocol):
    """Takes a problem with the node."""

    def __call__(self, message: str, expected: str = "", found: str = "") -> None: ...


def read_signals(
    declaration: Declaration, listed: Mapping[str, str], calls: Sequence[Call], messages: Messages, problem: Tell
) -> Mapping[str, type]:
    """The types of the signals by name. `listed` are those of the manifest, `calls` those of the source."""
    declared = {} if declaration.signals is None else declaration.signals
    if not isinstance(declared, Mapping):
        problem("signals has the wrong form", 'the types by name, such as {"approved": Approval}', spell(declared))
        return {}
    if not listed and not declared:
        for call in calls:
            if call.name is None or call.type is None:
                problem(
                    "which signal it waits for cannot be read from the source",
                    'context.signal("approved", Approval), with a class of the module; or signals={…} of the node',
                    f"another call at {call.where}",
                )
    signals: dict[str, type] = {}
    for name, given in _all(listed, declared, calls):
        cls = messages.named(given, _vars_of(declaration)) if isinstance(given, str) else given
        if not isinstance(name, str) or not re.fullmatch(NAME, name):
            problem("the name of a signal does not work", NAME_RULE, repr(name))
        elif not isinstance(cls, type) or not messages.is_message(cls):
            problem(f"the signal {name} has the wrong type", messages.words, spell(given))
        elif signals.setdefault(name, cls) is not cls:
            problem(f"the signal {name} has two types", signals[name].__name__, cls.__name__)
    if len(signals) > SIGNALS_MAX:
        problem("it waits for too many signals", f"at most {SIGNALS_MAX}", str(len(signals)))
    return signals


def _all(
    listed: Mapping[str, str], declared: Mapping[str, type | str], calls: Sequence[Call]
) -> Iterator[tuple[object, object]]:
    yield from listed.items()
    yield from declared.items()
    for call in calls:
        if call.name is not None and call.type is not None:
            yield call.name, call.type


def _vars_of(declaration: Declaration) -> Mapping[str, object]:
    """The names of the module that the function was written in."""
    space: Mapping[str, object] = getattr(inspect.unwrap(declaration.function), "__globals__", {})
    return space
