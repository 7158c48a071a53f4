"""What an execution was accepted with beside its input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from penstock.engine.domain.retry import RetryPolicy
from penstock.engine.nodes.authoring.frozen import freeze
from penstock.engine.runtime.programs.binding import BoundNode
from penstock.engine.runtime.programs.graphs import retry_policy
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.settings.configs import lay_over
from penstock.wire.gen.artifact_pb2 import Plan
from penstock.wire.gen.execution_options_pb2 import ExecutionOptions
from penstock.wire.gen.retries_pb2 import Retries
from penstock.wire.json import from_struct

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver


class Options:
    """Frozen at the acceptance. An execution without any has None in its place."""

    def __init__(self, message: ExecutionOptions) -> None:
        self.message = message
        self._bound: dict[int, BoundNode] = {}

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The values that nodes see as `context.config`."""
        values: Mapping[str, Any] = freeze(from_struct(self.message.config))
        return values

    def retries(self, program: Program) -> Mapping[int, RetryPolicy] | None:
        """How nodes are tried again, by index, where the config says so; what it leaves out stays as planned."""
        return retries_of(self.message, program.artifact.plan)

    def bound(self, node: BoundNode) -> BoundNode:
        """A node with the timeout that the config sets."""
        if not self.message.nodes:
            return node
        bound = self._bound.get(node.index)
        if bound is None:
            override = self.message.nodes.get(node.name)
            bound = node
            if override is not None and override.HasField("timeout"):
                bound = replace(node, timeout_us=override.timeout.ToMicroseconds())
            self._bound[node.index] = bound
        return bound


def retries_of(options: ExecutionOptions, plan: Plan) -> Mapping[int, RetryPolicy] | None:
    """See `Options.retries`."""
    policies = {}
    for index, node in enumerate(plan.nodes):
        override = options.nodes.get(node.name)
        if override is not None and override.HasField("retries"):
            merged = Retries()
            merged.CopyFrom(node.retries)
            if override.retries.HasField("max_attempts"):
                # Unless it says otherwise, the other budget is as large.
                merged.ClearField("max_system_attempts")
            lay_over(merged, override.retries)
            policies[index] = retry_policy(merged)
    return MappingProxyType(policies) if policies else None


def config_of(driver: Driver) -> Mapping[str, Any]:
    """The values that the nodes of an execution see."""
    return {} if driver.options is None else driver.options.config


def overwrites_cache(driver: Driver) -> bool:
    return driver.options is not None and driver.options.message.overwrite_cache


def code_of(driver: Driver, node: int) -> BoundNode:
    """What runs for a node now: to undo it, in its place, or itself with what the config changes about it."""
    bound = driver.program.nodes[node]
    if driver.run.undoing is not None:
        return bound.undo or bound
    if bound.fallback is not None and driver.run.flights[node].is_fallback:
        return bound.fallback
    return bound if driver.options is None else driver.options.bound(bound)
