"""Of which flows the parts of an answer are, where its request names none: items of lists, messages of streams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.engine.storage.postgres.subjects import SubjectRows

_TOTALS = ("total_size", "total_size_exact")
_TELLING = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES)


class ListItems:
    """The items of a list's page."""

    def __init__(self, response: Descriptor, rows: SubjectRows) -> None:
        self._rows = rows
        lists = [field for field in response.fields if field.is_repeated and field.message_type is not None]
        self._field = lists[0].name if len(lists) == 1 and _is_of_flow(lists[0].message_type) else ""
        self._totals = [name for name in _TOTALS if name in response.fields_by_name]

    @property
    def are_told_apart(self) -> bool:
        """Whether each item says of which flow it is, itself or by its execution."""
        return bool(self._field)

    async def keep(self, response: Any, account: str, is_seen: Callable[[str], bool]) -> list[tuple[Any, str]]:
        """Takes out of the page what is of other flows than `is_seen(flow)` is true for. The items left, with their
        flows: a page may be short, or empty, and have another one behind it."""
        items = getattr(response, self._field)
        flows = await flows_of(items, account, self._rows)
        for index in range(len(items) - 1, -1, -1):
            if not is_seen(flows[index]):
                del items[index], flows[index]
        for name in self._totals:
            # It counts what the caller may not see.
            response.ClearField(name)
        return list(zip(items, flows, strict=True))


class StreamItems:
    """The messages of a stream."""

    def __init__(self, message: Descriptor, rows: SubjectRows) -> None:
        self._rows = rows
        self._is_itself = _is_of_flow(message)
        inner = [field for field in message.fields if field.message_type is not None and not field.is_repeated]
        self._inner = [] if self._is_itself else [field.name for field in inner if _is_of_flow(field.message_type)]
        others = [field for field in inner if field.name not in self._inner]
        self._says_nothing = all(_says_nothing(field.message_type) for field in others)

    @property
    def are_told_apart(self) -> bool:
        return self._is_itself or (bool(self._inner) and self._says_nothing)

    async def flow(self, message: Any, account: str) -> str | None:
        """None for a message that is of no execution and says nothing of any."""
        if not self._is_itself:
            name = next((name for name in self._inner if message.HasField(name)), None)
            if name is None:
                return None
            message = getattr(message, name)
        return (await flows_of([message], account, self._rows))[0]


async def flows_of(items: Sequence[Any], account: str, rows: SubjectRows) -> list[str]:
    """Flow of each item; "" of one that there is no execution for any more."""
    flows: list[str] = [getattr(item, "flow", "") for item in items]
    missing = {getattr(item, "execution_id", "") for item, flow in zip(items, flows, strict=True) if not flow}
    if not missing:
        return flows
    found = await rows.of_executions(account, missing)
    return [flow or found.get(getattr(item, "execution_id", ""), "") for item, flow in zip(items, flows, strict=True)]


def _is_of_flow(message: Any) -> bool:
    names = {field.name for field in message.fields if field.type == FieldDescriptor.TYPE_STRING}
    return bool(names & {"flow", "execution_id"})


def _says_nothing(message: Any) -> bool:
    """Whether it holds no text, only such things as times and numbers."""
    return message.full_name in ("google.protobuf.Timestamp", "google.protobuf.Duration") or all(
        field.type not in _TELLING
        and (field.message_type is None or (not field.is_repeated and _says_nothing(field.message_type)))
        for field in message.fields
    )
