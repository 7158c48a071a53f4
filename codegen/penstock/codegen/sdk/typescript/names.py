"""What messages and enums are called in TypeScript."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from google.protobuf.descriptor import Descriptor, EnumDescriptor

_KEYWORDS = """
abstract accessor any arguments as asserts assert async await bigint boolean break case catch class const constructor
continue debugger declare default defer delete do else enum eval export extends false finally for from function get
global globalThis if implements import in infer instanceof interface intrinsic is keyof let module namespace never new
null number object of out override package private protected public readonly require return satisfies set static
string super switch symbol this throw true try type typeof undefined unique unknown using var void while with yield
"""
_USED = """
AbortSignal Array AsyncGenerator Client ClientOptions CallOptions Conflict DecisionOptions Error FlowClient Input
InvalidInput InvokeOptions JsonObject JsonValue NotEnded NotFound Object Output Partial Pause Paused PenstockError
Promise Record Rollback RunFailed SignalOptions StartOptions Started StreamFrame Unauthenticated Unavailable Violation
WaitOptions
"""
_RESERVED = frozenset(f"{_KEYWORDS} {_USED}".split())

Named = Descriptor | EnumDescriptor


class Names:
    """A name of its own for each type; they depend on nothing but the full names.

    A type has its own name, after those of the messages around it: Order, Order_Line. Where two packages have the
    same, all of them have the package's in front. `roots` are types that may be called what is reserved for them.
    """

    def __init__(self, types: Sequence[Named], roots: Mapping[str, Named]) -> None:
        self._taken: set[str] = set()
        self._names: dict[str, str] = {}
        short = {of.full_name: _short(of) for of in types}
        counts = Counter(short.values())
        for full_name, name in sorted(short.items()):
            is_root = name in roots and roots[name].full_name == full_name
            whole = name if counts[name] == 1 else full_name.replace(".", "_")
            self._names[full_name] = self._take(whole) if is_root and counts[name] == 1 else self.new(whole)

    def of(self, named: Named) -> str:
        """The name of one of the types."""
        return self._names[named.full_name]

    def new(self, wanted: str) -> str:
        """That name, or one like it that nothing else has."""
        while wanted in self._taken or wanted in _RESERVED:
            wanted += "_"
        return self._take(wanted)

    def _take(self, name: str) -> str:
        self._taken.add(name)
        return name


def _short(of: Named) -> str:
    package = of.file.package
    return str(of.full_name).removeprefix(f"{package}." if package else "").replace(".", "_")
