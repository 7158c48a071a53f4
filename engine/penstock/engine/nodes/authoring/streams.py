"""Helpers for pipelines: frames that may be taken back, and windows over a stream."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

_T = TypeVar("_T")

WINDOW_SIZE_MAX = 10_000
"""Items of one window: they are all in memory."""

WINDOW_S_MAX = 24 * 3600
"""Longest time of one window: no attempt takes longer."""


@dataclass(frozen=True, slots=True)
class Provisional(Generic[_T]):
    """A frame that does not count any more when its attempt is tried again."""

    frame: _T


def provisional(frame: _T) -> _T:
    """Marks a frame that is rolled back when the attempt that yields it is tried again.

    What comes is a Provisional. To a type checker it is the frame itself, so that the pipeline's annotation stays
    AsyncIterator[T].
    """
    return cast(_T, Provisional(frame))


def window(frames: AsyncIterable[_T], size: int, within: float | None = None) -> AsyncIterator[list[_T]]:
    """The items of a stream in lists of `size`; what is left at the end comes in a shorter one.

    With `within`, a list is given at the latest so many seconds after its first item came. Raises ValueError.
    """
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= WINDOW_SIZE_MAX:
        raise ValueError(f"window: size: expected 1 to {WINDOW_SIZE_MAX:,} items, got {size!r}")
    if within is None:
        return _windows(frames, size)
    if not isinstance(within, int | float) or isinstance(within, bool) or not 0 < within <= WINDOW_S_MAX:
        raise ValueError(f"window: within: expected seconds above 0, at most {WINDOW_S_MAX:,}, got {within!r}")
    return _windows_within(frames, size, within)


async def _windows(frames: AsyncIterable[_T], size: int) -> AsyncIterator[list[_T]]:
    items: list[_T] = []
    async for item in frames:
        items.append(item)
        if len(items) == size:
            yield items
            items = []
    if items:
        yield items


async def _windows_within(frames: AsyncIterable[_T], size: int, within: float) -> AsyncIterator[list[_T]]:
    # Imported here: a package's own tests start without it.
    import asyncio

    loop = asyncio.get_running_loop()
    source = aiter(frames)
    items: list[_T] = []
    due: float | None = None
    coming: asyncio.Future[Any] | None = None
    try:
        while True:
            if coming is None:
                coming = asyncio.ensure_future(_next(source))
            # Waiting does not end what is waited for: the item that is on its way belongs to the next window.
            await asyncio.wait([coming], timeout=None if due is None else max(0.0, due - loop.time()))
            if coming.done():
                more, item = coming.result()
                coming = None
                if not more:
                    break
                items.append(item)
                if due is None:
                    due = loop.time() + within
            if len(items) == size or (due is not None and due <= loop.time()):
                yield items
                items, due = [], None
        if items:
            yield items
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def _next(source: AsyncIterator[_T]) -> tuple[bool, _T | None]:
    """The next item, with whether there is one. A task cannot end with StopAsyncIteration in all versions alike."""
    async for item in source:
        return True, item
    return False, None
