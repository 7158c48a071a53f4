"""Placed nodes with their code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from penstock.engine.domain.artifact import Work
from penstock.engine.nodes.package import LoadedPackage
from penstock.engine.runtime.programs.graphs import work_of
from penstock.wire.gen.artifact_pb2 import PlannedFunction, PlannedNode
from penstock.wire.gen.flow_pb2 import CachePolicy

ReadValues = Callable[[bytes], Iterable[Any]]


def _no_code(value: Any) -> Any:
    raise RuntimeError("this node runs no code")


@dataclass(frozen=True, slots=True)
class BoundNode:
    """A placed node and its code. Of a node that runs none, the code raises."""

    index: int
    name: str
    work: Work
    is_pipeline: bool
    is_async: bool
    timeout_us: int
    function: Callable[[Any], Any]
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]
    is_plain: bool = True
    """Whether it is a function of one message that needs nothing but its input, whatever became of it before."""
    takes_frames: bool = False
    decode_frame: Callable[[bytes], Any] = _no_code
    """Makes what a pipeline yields from one of its frames."""
    use: str = ""
    """package/function."""
    cache: CachePolicy | None = None
    secrets: tuple[str, ...] = ()
    signals: Mapping[str, Callable[[bytes], Any]] = field(default_factory=dict)
    fallback: BoundNode | None = None
    undo: BoundNode | None = None
    sensitive: ReadValues | None = None
    """Gives the values of sensitive fields of what it is called with; None where there are no such fields."""
    sensitive_signals: Mapping[str, ReadValues] = field(default_factory=dict)


def bind(index: int, node: PlannedNode, packages: Mapping[str, LoadedPackage]) -> BoundNode:
    """A node of a plan with its code, that of its fallback and that of what undoes it."""
    work = work_of(node)
    if not node.function:
        return BoundNode(index, node.name, work, False, True, 0, _no_code, _no_code, _no_code, is_plain=False)
    loaded = packages[node.package].nodes[node.function]
    return BoundNode(
        index=index,
        name=node.name,
        work=work,
        is_pipeline=node.pipeline,
        is_async=loaded.is_async,
        timeout_us=node.timeout.ToMicroseconds(),
        function=loaded.function,
        decode=loaded.decode,
        encode=loaded.encode,
        is_plain=work is Work.FUNCTION
        and not (node.pipeline or node.HasField("cache") or node.HasField("fallback"))
        and not (loaded.secrets or loaded.signal_codecs),
        takes_frames=node.takes_frames,
        decode_frame=loaded.decode_frame or _no_code,
        use=f"{node.package}/{node.function}",
        cache=node.cache if node.HasField("cache") else None,
        secrets=loaded.secrets,
        signals=loaded.signal_codecs,
        fallback=_bind_function(index, node, node.fallback, packages) if node.HasField("fallback") else None,
        undo=_bind_function(index, node, node.compensate, packages) if node.HasField("compensate") else None,
    )


def _bind_function(
    index: int, node: PlannedNode, function: PlannedFunction, packages: Mapping[str, LoadedPackage]
) -> BoundNode:
    """A function that takes the place of a node's own."""
    loaded = packages[function.package].nodes[function.function]
    return BoundNode(
        index=index,
        name=node.name,
        work=Work.FUNCTION,
        is_pipeline=False,
        is_async=loaded.is_async,
        timeout_us=function.timeout.ToMicroseconds(),
        function=loaded.function,
        decode=loaded.decode,
        encode=loaded.encode,
        is_plain=False,
        use=f"{function.package}/{function.function}",
        secrets=loaded.secrets,
        signals=loaded.signal_codecs,
    )
