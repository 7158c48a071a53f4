"""Scopes of API keys: how they are written, what each allows, and which of two is the stronger one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

ADMIN = "admin"
ANY_KEY = "any"
"""In place of a scope where every key that is good will do."""
APPROVE = "approve"
EXECUTIONS_READ = "executions:read"
EXECUTIONS_WRITE = "executions:write"
FLOWS_READ = "flows:read"
INVOKE = "invoke"
METRICS_READ = "metrics:read"
PACKAGES_WRITE = "packages:write"
PAYLOADS_READ = "payloads:read"
PAYLOADS_SENSITIVE = "payloads:sensitive"

SCOPE_MISSING = "SCOPE_MISSING"
"""Reason of the error."""
SCOPES_MAX = 64
"""Scopes of one key: it is for one purpose. They are read with the key."""
_EVERYTHING = "*"
_PATTERN = re.compile(r"[a-z0-9_*]{1,64}")


class Subject(Enum):
    """What a scope can be narrowed to."""

    ACCOUNT = "account"
    FLOW = "flow"
    ALIAS = "flow or flow@alias"


@dataclass(frozen=True, slots=True)
class Verb:
    """What a scope begins with. `implies` are verbs that it allows as well, on the same flows."""

    about: str
    subject: Subject = Subject.ACCOUNT
    implies: tuple[str, ...] = ()


VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        INVOKE: Verb("run flows, and get what these calls give", Subject.ALIAS, (FLOWS_READ,)),
        EXECUTIONS_READ: Verb("look at executions, without what flows through them", Subject.FLOW),
        EXECUTIONS_WRITE: Verb(
            "cancel, signal, recover, relaunch, fork and import executions", Subject.FLOW, (EXECUTIONS_READ,)
        ),
        PAYLOADS_READ: Verb("see what flows through executions wherever they are shown", Subject.FLOW),
        PAYLOADS_SENSITIVE: Verb("see sensitive fields of what it is shown", Subject.FLOW),
        APPROVE: Verb("decide pauses and approvals", Subject.FLOW, (EXECUTIONS_READ,)),
        FLOWS_READ: Verb("look at flows, aliases and artifacts, their documents and clients", Subject.FLOW),
        "flows:write": Verb(
            "change, compile and remove flows, move aliases, retire artifacts", Subject.FLOW, (FLOWS_READ,)
        ),
        "packages:read": Verb("look at packages"),
        PACKAGES_WRITE: Verb("publish packages: code that the engine runs", implies=("packages:read",)),
        "configs:read": Verb("look at config profiles"),
        "configs:write": Verb("change config profiles", implies=("configs:read",)),
        "secrets:read": Verb("list secrets, without their values"),
        "secrets:write": Verb("set and remove secrets", implies=("secrets:read",)),
        "webhooks:read": Verb("look at deliveries of webhooks"),
        "webhooks:write": Verb(
            "deliver again, see and change what webhooks are signed with", implies=("webhooks:read",)
        ),
        "policies:read": Verb("look at policies, and test them"),
        "policies:write": Verb("change policies", implies=("policies:read",)),
        "usage:read": Verb("look at usage and budgets"),
        "usage:write": Verb("change budgets", implies=("usage:read",)),
        "retention:read": Verb("look at how long executions are kept"),
        "retention:write": Verb(
            "change how long executions are kept, and remove old ones", implies=("retention:read",)
        ),
        "limits:read": Verb("look at limits"),
        "limits:write": Verb("change limits", implies=("limits:read",)),
        "keys:read": Verb("look at keys, without their secrets"),
        "keys:write": Verb("make, change, rotate and revoke keys that are no stronger", implies=("keys:read",)),
        METRICS_READ: Verb("read metrics"),
        "audit:read": Verb("read the audit log"),
        ADMIN: Verb("everything in the account"),
    }
)
"""Every verb. A new one belongs to what only `admin` may do until it stands here."""


class ScopeError(ValueError):
    """A text is no scope; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One thing that a key may do. `flow` and `alias` are patterns, in which `*` stands for any characters."""

    verb: str
    flow: str = _EVERYTHING
    alias: str = _EVERYTHING

    @property
    def is_whole(self) -> bool:
        return self.flow == self.alias == _EVERYTHING

    def __str__(self) -> str:
        if self.is_whole:
            return self.verb
        return f"{self.verb}:{self.flow}" + (f"@{self.alias}" if self.alias != _EVERYTHING else "")

    def allows(self, flow: str, alias: str) -> bool:
        """Whether it is about that flow, and about what is asked for by that alias. "*" stands for all there are."""
        return _matches(self.flow, flow) and _matches(self.alias, alias)


def parse_scope(text: str) -> Scope:
    """Raises ScopeError."""
    verb = next((verb for verb in VERBS if text == verb or text.startswith(f"{verb}:")), None)
    if verb is None:
        raise ScopeError(f"expected one of {', '.join(VERBS)}, got {text[:80]!r}")
    subject = VERBS[verb].subject
    if text == verb:
        return Scope(verb)
    pattern = text[len(verb) + 1 :]
    if subject is Subject.ACCOUNT:
        raise ScopeError(f"expected {verb} with nothing behind it, got {text[:80]!r}")
    flow, at, alias = pattern.partition("@")
    if at and subject is not Subject.ALIAS:
        raise ScopeError(f"expected {verb} of a flow, without an alias, got {text[:80]!r}")
    if not _PATTERN.fullmatch(flow) or (at and not _PATTERN.fullmatch(alias)):
        example = f"{verb}:pay*" + (f" or {verb}:hello@live" if subject is Subject.ALIAS else "")
        raise ScopeError(
            f"expected the name of a flow, in which * stands for any characters, as in {example}, got {text[:80]!r}"
        )
    return Scope(verb, flow, alias or _EVERYTHING)


_REMEMBERED_MAX = 256
_REMEMBERED_LENGTH_MAX = 256
"""What is remembered of what was asked of a key: a call asks the same as the one before."""


class Grants:
    """What a key may do, made once for all its calls.

    `whole` are the verbs that it may do with everything: one look at it answers nearly every call.
    """

    __slots__ = ("_answers", "_partly", "scopes", "whole")

    def __init__(self, scopes: Iterable[str]) -> None:
        """What is no scope, for example one of a later version, allows nothing."""
        self.scopes = tuple(scopes)
        granted = [each for scope in map(_known, self.scopes) if scope is not None for each in _with_implied(scope)]
        whole = {ANY_KEY, *(scope.verb for scope in granted if scope.is_whole)}
        self.whole = frozenset(whole | set(VERBS) if ADMIN in whole else whole)
        self._answers: dict[tuple[str, str, str], bool] = {}
        self._partly: dict[str, list[Scope]] = {}
        for scope in granted:
            if scope.verb not in self.whole:
                self._partly.setdefault(scope.verb, []).append(scope)

    @property
    def is_admin(self) -> bool:
        return ADMIN in self.whole

    def has(self, verb: str) -> bool:
        """Whether it allows that to be done with anything at all."""
        return verb in self.whole or verb in self._partly

    def allows(self, verb: str, flow: str, alias: str = _EVERYTHING) -> bool:
        """Whether it allows that to be done with a flow, "*" for all, asked for by an alias, "*" for in any way."""
        if verb in self.whole:
            return True
        question = (verb, flow, alias)
        answer = self._answers.get(question)
        if answer is None:
            answer = any(scope.allows(flow, alias) for scope in self._partly.get(verb, ()))
            if len(flow) + len(alias) <= _REMEMBERED_LENGTH_MAX:  # callers write them
                if len(self._answers) >= _REMEMBERED_MAX:
                    self._answers.clear()
                self._answers[question] = answer
        return answer

    def patterns(self, verb: str) -> tuple[str, ...]:
        """Patterns of the flows with which it allows that to be done."""
        if verb in self.whole:
            return (_EVERYTHING,)
        return tuple(dict.fromkeys(scope.flow for scope in self._partly.get(verb, ())))

    def covers(self, scope: Scope) -> bool:
        """Whether it allows all that the scope does."""
        # A star of the scope is text here that only a star matches: that holds for whatever stands in its place.
        return self.allows(scope.verb, scope.flow, scope.alias)


def _known(text: str) -> Scope | None:
    try:
        return parse_scope(text)
    except ScopeError:
        return None


def _with_implied(scope: Scope) -> Iterable[Scope]:
    yield scope
    for verb in VERBS[scope.verb].implies:
        yield from _with_implied(Scope(verb, scope.flow))


def _matches(pattern: str, text: str) -> bool:
    return pattern in (_EVERYTHING, text) or ("*" in pattern and _compiled(pattern).fullmatch(text) is not None)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))))


EVERYTHING = Grants((ADMIN,))
"""What calls of the engine's own process may do."""
