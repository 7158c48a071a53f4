"""What a method asks of the keys of its callers."""

from __future__ import annotations

from typing import Any

from penstock.engine.rpc.access.demands import DEMANDS, NO_DEMAND
from penstock.engine.rpc.access.hiding import Hider
from penstock.engine.rpc.access.invocations import Invocations
from penstock.engine.rpc.access.items import ListItems, StreamItems
from penstock.engine.rpc.access.narrowing import NARROWED, NARROWED_WITHIN, narrowed
from penstock.engine.rpc.access.subjects import Subjects
from penstock.engine.storage.postgres.subjects import SubjectRows
from penstock.wire.scope_missing import scope_missing
from penstock.wire.scopes import INVOKE, PAYLOADS_READ, VERBS, Subject
from penstock.wire.service import Caller, MethodSpec


class Rule:
    """Made once for a method. A key that has all verbs of `quick` for everything is not looked at any further."""

    def __init__(self, service: str, method: MethodSpec, rows: SubjectRows, invocations: Invocations) -> None:
        name = f"{service}.{method.name}"
        self.verb = method.scope
        verb = VERBS.get(self.verb)
        self._is_about_flows = verb is not None and verb.subject is not Subject.ACCOUNT
        self._invocations = invocations
        self._subjects = Subjects(method.request.DESCRIPTOR, rows)
        may_need, self._demand = DEMANDS.get(name, NO_DEMAND)
        self._narrows = name in NARROWED
        self._is_narrowed_within = name.startswith(NARROWED_WITHIN)
        self._acts_by_filter = not self.verb.endswith(":read") and "filter" in method.request.DESCRIPTOR.fields_by_name
        hider = Hider(method.response.DESCRIPTOR)
        # The answer to one's own invocation is one's own.
        self.hider = hider if hider.hides_anything and self.verb != INVOKE else None
        make = StreamItems if method.server_streaming else ListItems
        self.items: ListItems | StreamItems = make(method.response.DESCRIPTOR, rows)
        self.quick = frozenset({self.verb, *may_need, *([PAYLOADS_READ] if self.hider else [])})

    async def limits(self, request: Any, caller: Caller) -> Limits | None:
        """What the caller sees of the answer to a request, which may be changed; None for all of it.

        Raises RpcError when the caller may not make the request.
        """
        grants = caller.grants
        if not grants.has(self.verb):
            raise scope_missing(self.verb)
        for verb in self._demand(request):
            if verb not in grants.whole:
                raise scope_missing(verb)
        if self.verb == INVOKE:
            await self._invocations.check(request, caller)
            return None
        if not self._is_about_flows:
            return Limits(self, caller, None)
        named = await self._subjects.named(request, caller.account)
        for flow in sorted(named.flows):
            if not grants.allows(self.verb, flow):
                raise scope_missing(self.verb, flow)
        is_whole = self.verb in grants.whole
        is_told_apart = named.is_any or self.items.are_told_apart
        if not (is_whole or self._is_narrowed_within) and (self._acts_by_filter or not is_told_apart):
            raise scope_missing(self.verb)
        if self._narrows and not named.is_any and not is_whole:
            request.filter = narrowed(request.filter, grants.patterns(self.verb))
        return Limits(self, caller, named.flows if named.is_any else None)


class Limits:
    """What one caller sees of one answer."""

    def __init__(self, rule: Rule, caller: Caller, flows: frozenset[str] | None) -> None:
        """`flows` are those that the request names; None when it names none."""
        self._rule = rule
        self._caller = caller
        self._flows = flows
        self._hider = None if PAYLOADS_READ in caller.grants.whole else rule.hider
        self._is_filtered = rule.items.are_told_apart and self._is_partly()

    async def seen(self, response: Any) -> Any:
        """The answer, changed, without what the caller may not see."""
        rule, account = self._rule, self._caller.account
        if self._is_filtered:
            assert isinstance(rule.items, ListItems)
            for item, flow in await rule.items.keep(response, account, self._sees):
                self._hide(item, flow)
        else:
            self._hide_all(response)
        return response

    async def shows(self, message: Any) -> bool:
        """Whether the caller sees a message of a stream, which is changed."""
        rule, account = self._rule, self._caller.account
        if self._is_filtered:
            assert isinstance(rule.items, StreamItems)
            flow = await rule.items.flow(message, account)
            if flow is None:
                return True
            self._hide(message, flow)
            return self._sees(flow)
        self._hide_all(message)
        return True

    def _is_partly(self) -> bool:
        """Whether the caller sees not all there is, or of some flows more than of others."""
        grants = self._caller.grants
        return self._rule.verb not in grants.whole or (self._hider is not None and grants.has(PAYLOADS_READ))

    def _sees(self, flow: str) -> bool:
        """Whether the caller sees a part that is of a flow; "": of that which the request names."""
        if not flow and self._flows is not None:
            return True
        return self._caller.grants.allows(self._rule.verb, flow)

    def _hide(self, part: Any, flow: str) -> None:
        if self._hider is None:
            return
        is_named = not flow and self._flows is not None
        if not (self._sees_payloads_of_all() if is_named else self._caller.grants.allows(PAYLOADS_READ, flow)):
            self._hider.hide(part)

    def _hide_all(self, answer: Any) -> None:
        if self._hider is not None and not self._sees_payloads_of_all():
            self._hider.hide(answer)

    def _sees_payloads_of_all(self) -> bool:
        """Whether the caller sees what flows through all that the request names."""
        return bool(self._flows) and all(self._caller.grants.allows(PAYLOADS_READ, flow) for flow in self._flows or ())
