"""What config profiles give an execution: the account's default, over it the flow's, over it the one that is named."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct

from penstock.engine.domain.errors import InvalidArgument, NotFound
from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.runtime.programs.recent import Recent
from penstock.engine.storage.postgres.configs import ConfigRows
from penstock.wire.gen.config_pb2 import Config
from penstock.wire.gen.execution_options_pb2 import ExecutionOptions, NodeOverride
from penstock.wire.gen.retries_pb2 import Retries
from penstock.wire.json import from_struct, to_struct


@dataclass(frozen=True, slots=True)
class Resolved:
    """The profiles that apply, merged. Shared by invocations: nobody may change what is in it.

    `named` are the nodes that the profile changes which the caller named; "" when the caller named none.
    """

    config_id: str
    values: Mapping[str, Any]
    nodes: Mapping[str, NodeOverride]
    named: frozenset[str]
    config: Struct

    def check_nodes(self, names: Iterable[str]) -> None:
        """Raises InvalidArgument when the named profile changes nodes that are not among the flow's `names`.

        Those of the defaults may be for other versions of the flow, or for other flows.
        """
        if self.named and (unknown := sorted(self.named.difference(names))):
            raise InvalidArgument(
                f"config_id: config {self.config_id} changes nodes that the flow does not have: {', '.join(unknown)}",
                field="config_id",
            )

    def freeze(self, options: ExecutionOptions, names: Iterable[str]) -> None:
        """Puts it into the options of an execution, as far as it is about the flow's nodes `names`."""
        options.config_id = self.config_id
        if self.values:
            options.config.CopyFrom(self.config)
        for name in self.nodes.keys() & set(names):
            options.nodes[name].CopyFrom(self.nodes[name])


_NOTHING = Resolved("", {}, {}, frozenset(), Struct())


class Configs:
    """Asked by every invocation: a dict look-up while nothing changes."""

    def __init__(
        self, rows: ConfigRows, bulletin: Bulletin, along: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """`along` is awaited whenever something is read: it takes in what else an execution begins under."""
        self._rows = rows
        self._along = along
        self._bulletin = bulletin
        self._resolved: Recent[tuple[str, str, str], Resolved] = Recent(bulletin.mark)

    def are_known_to_say_nothing(self, account: str, flow: str, config_id: str) -> bool:
        """Whether nothing applies, without asking the database: False when that is not known either."""
        return self._resolved.get((account, flow, config_id)) is _NOTHING

    async def resolve(self, account: str, flow: str, config_id: str) -> Resolved | None:
        """What applies to an invocation of a flow, None when nothing does. `config_id` "" names no profile.

        Raises NotFound when there is no such profile, InvalidArgument when it is for another flow.
        """
        key = (account, flow, config_id)
        resolved = self._resolved.get(key)
        if resolved is None:
            resolved = await self._resolved.read(key, partial(self._read, key))
        return None if resolved is _NOTHING else resolved

    async def _read(self, key: tuple[str, str, str]) -> Resolved:
        account, flow, config_id = key
        if self._along is not None:
            await self._along()
        return _resolve(flow, config_id, await self._rows.applying(account, flow, config_id))

    def changed(self) -> None:
        """Notes for every process of this data directory that a profile changed. Call it before anybody hears of it."""
        self._bulletin.change()


def _resolve(flow: str, config_id: str, found: list[Config]) -> Resolved:
    named = next((config for config in found if config_id and config.config_id == config_id), None)
    if config_id and named is None:
        raise NotFound(f"there is no config {config_id[:80]}")
    if named is not None and named.flow not in ("", flow):
        raise InvalidArgument(
            f"config_id: expected a config of flow {flow} or of every flow, got {config_id}, which is for flow"
            f" {named.flow}",
            field="config_id",
        )
    # That of every flow comes first: its flow is "". A default that is named applies once, as the named one.
    defaults = sorted((config for config in found if config is not named), key=lambda config: config.flow)
    layers = [*defaults, *([named] if named else [])]
    if not layers:
        return _NOTHING
    values: dict[str, Any] = {}
    nodes: dict[str, NodeOverride] = {}
    for layer in layers:
        values = merge(values, from_struct(layer.values))
        for name, override in layer.nodes.items():
            _overlay(nodes.setdefault(name, NodeOverride()), override)
    return Resolved(config_id, values, nodes, frozenset(named.nodes if named else ()), to_struct(values))


def merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` on top of `under` as RFC 7396, JSON Merge Patch, has it: null takes a member away."""
    merged = dict(under)
    for name, value in over.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            below = merged.get(name)
            merged[name] = merge(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[name] = value
    return merged


def lay_over(under: Retries, over: Retries) -> None:
    """Replaces in `under` what `over` says."""
    # Field by field: MergeFrom would add up lists, and mix the seconds of one length of time with the rest of another.
    for field, value in over.ListFields():
        under.ClearField(field.name)
        if field.is_repeated:
            getattr(under, field.name).extend(value)
        elif isinstance(value, Message):
            getattr(under, field.name).CopyFrom(value)
        else:
            setattr(under, field.name, value)


def _overlay(under: NodeOverride, over: NodeOverride) -> None:
    if over.HasField("timeout"):
        under.timeout.CopyFrom(over.timeout)
    if over.HasField("retries"):
        lay_over(under.retries, over.retries)
