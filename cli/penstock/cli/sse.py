"""Reads server-sent events out of the bytes of a response (WHATWG HTML, section 9.2)."""

from __future__ import annotations

from codecs import getincrementaldecoder
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event. `name` is "" when it has none; `id` is the newest one seen, which a resume goes on after."""

    name: str
    data: str
    id: str


class EventParser:
    """Takes the bytes of one response as they come, in pieces of any size."""

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._name = ""
        self._data: list[str] = []
        self._id = ""

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        """The events that `piece` completes. One that is cut off at the end of the response is never given."""
        text = self._rest + self._decode(piece)
        # A CR at the end may be half of a CRLF, so it waits for what follows.
        held = "\r" if text.endswith("\r") else ""
        lines = text[: len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest = lines.pop() + held
        return [event for line in lines if (event := self._line(line)) is not None]

    def _line(self, line: str) -> ServerSentEvent | None:
        if not line:
            return self._finish()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field == "id" and "\0" not in value:
            self._id = value
        # Comments (an empty field name), `retry` and unknown fields are passed over.
        return None

    def _finish(self) -> ServerSentEvent | None:
        name, data = self._name, self._data
        self._name, self._data = "", []
        return ServerSentEvent(name, "\n".join(data), self._id) if data else None
