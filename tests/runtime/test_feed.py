"""The feed of a live execution: news for followers, a bounded tail, room for pipelines."""

from __future__ import annotations

import asyncio

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.event import Event, EventType
from penstock.engine.runtime.news.feed import Feed


def frame(sequence: int, payload: bytes = b"frame") -> Event:
    return Event(sequence, EventType.FRAME_EMITTED, sequence, 0, payload=payload, frame_index=sequence)


def followed(sequence: int) -> Feed:
    """A feed that somebody follows."""
    feed = Feed(sequence)
    feed.follow(sequence)
    return feed


def publish(feed: Feed, *sequences: int, is_end: bool = False) -> None:
    feed.publish([frame(sequence) for sequence in sequences], is_end)


async def turn() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_events_after_a_sequence_are_given_in_order() -> None:
    feed = followed(2)
    publish(feed, 3)
    publish(feed, 4, 5)
    assert feed.after(2) == [frame(3), frame(4), frame(5)]
    assert feed.after(4) == [frame(5)]
    assert feed.after(5) == []


async def test_what_was_committed_before_the_feed_was_opened_is_not_in_it() -> None:
    feed = followed(2)
    publish(feed, 3)
    assert feed.after(1) is None
    assert Feed(0).after(0) == []


async def test_tail_keeps_the_newest_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "EVENTS_TAIL", 3)
    feed = followed(0)
    publish(feed, 1, 2, 3, 4, 5)
    assert (feed.after(1), feed.after(2)) == (None, [frame(3), frame(4), frame(5)])


async def test_tail_is_bounded_in_bytes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PAYLOAD_BYTES_MAX", 10)
    feed = followed(0)
    feed.publish([frame(1, b"12345"), frame(2, b"12345"), frame(3, b"1")], is_end=False)
    assert (feed.after(0), feed.after(1)) == (None, [frame(2, b"12345"), frame(3, b"1")])
    feed.publish([frame(4, b"a frame that is too long")], is_end=False)
    assert (feed.after(3), feed.after(4)) == (None, [])
    publish(feed, 5)
    assert feed.after(4) == [frame(5)]


async def test_nothing_is_kept_while_nobody_follows() -> None:
    feed = Feed(0)
    publish(feed, 1)
    assert (feed.after(0), feed.after(1)) == (None, [])
    follower = feed.follow(1)
    publish(feed, 2, 3)
    assert feed.after(1) == [frame(2), frame(3)]
    feed.unfollow(follower)
    assert (feed.after(2), feed.after(3)) == (None, [])


async def test_news_comes_with_the_next_event() -> None:
    feed = Feed(0)
    publish(feed, 1)
    await feed.news(0)
    waiting = asyncio.create_task(feed.news(1))
    await turn()
    assert not waiting.done()
    publish(feed, 2)
    await waiting


@pytest.mark.parametrize("end", ["end", "close"])
async def test_nobody_waits_for_news_after_the_end(end: str) -> None:
    feed = Feed(0)
    waiting = [asyncio.create_task(feed.news(sequence)) for sequence in (0, 7)]
    await turn()
    if end == "end":
        publish(feed, 1, is_end=True)
    else:
        feed.close()
    await asyncio.gather(*waiting)
    await feed.news(100)


async def test_follower_who_goes_away_while_it_waits_leaves_nothing_behind() -> None:
    feed = Feed(0)
    waiting = asyncio.create_task(feed.news(0))
    await turn()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert feed._waiters == []


async def test_paced_follower_who_is_behind_leaves_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FRAMES_UNREAD_MAX", 2)
    feed = Feed(0)
    follower = feed.follow(0, is_paced=True)
    publish(feed, 1, 2)
    await feed.room()
    publish(feed, 3)
    waiting = asyncio.create_task(feed.room())
    await turn()
    assert not waiting.done()
    feed.advance(follower, 1)
    await waiting


async def test_paced_follower_who_leaves_gives_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FRAMES_UNREAD_MAX", 2)
    feed = Feed(0)
    follower = feed.follow(0, is_paced=True)
    publish(feed, 1, 2, 3)
    waiting = asyncio.create_task(feed.room())
    await turn()
    feed.unfollow(follower)
    await waiting


async def test_slowest_of_the_paced_followers_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FRAMES_UNREAD_MAX", 2)
    feed = Feed(0)
    quick, slow = feed.follow(0, is_paced=True), feed.follow(0, is_paced=True)
    publish(feed, 1, 2, 3)
    waiting = asyncio.create_task(feed.room())
    feed.advance(quick, 3)
    await turn()
    assert not waiting.done()
    feed.advance(slow, 3)
    await waiting


async def test_follower_who_is_not_paced_makes_nobody_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FRAMES_UNREAD_MAX", 2)
    feed = Feed(0)
    feed.follow(0)
    publish(feed, 1, 2, 3, 4)
    await feed.room()
