"""The feed: who is given the changes, and who is cut off instead of missing some."""

import asyncio

import pytest

from realtime import events
from realtime.events import Event, Page
from realtime.feed import Feed, Subscription
from realtime.mailbox import Mailbox, TooSlow
from realtime.models import NoteEvent

TIME = "2026-11-25T08:00:00Z"


class Log:
    """The events in memory, of which the oldest can be forgotten."""

    def __init__(self) -> None:
        self.kept: list[Event] = []
        self.first = 1

    def add(self, count: int, body: str = "") -> None:
        for _ in range(count):
            number = len(self.kept) + 1
            row = {"id": 1, "title": "a", "body": body, "created_at": TIME, "updated_at": TIME}
            self.kept.append(Event(NoteEvent(pk=number, change="updated", note=row)))

    def page(self, event_id: int) -> Page:
        start = max(event_id, self.first - 1)
        return Page(self.kept[start:], len(self.kept), start > event_id)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    log = Log()
    monkeypatch.setattr(events, "page", log.page)
    return log


def subscription(last: int) -> Subscription:
    return Subscription(Mailbox(), lambda event: event.message, last)


def test_who_would_miss_changes_is_cut_off(log: Log) -> None:
    async def watch() -> None:
        feed, watching, behind = Feed(), subscription(0), subscription(0)
        feed.start()
        assert [event async for event in feed.missed(watching)] == []
        log.add(3)
        log.first = 3
        feed.wake()
        assert [event async for event in feed.missed(behind)] == []
        for each in (watching, behind):
            with pytest.raises(TooSlow):
                await each.mailbox.get()
            feed.leave(each)

    asyncio.run(asyncio.wait_for(watch(), 15))


def test_who_reads_quickly_gets_any_number_of_changes(log: Log) -> None:
    async def watch() -> None:
        feed, watching = Feed(), subscription(0)
        feed.start()
        assert [event async for event in feed.missed(watching)] == []
        log.add(30, "x" * 100_000)
        feed.wake()
        assert [await watching.mailbox.get() for _ in range(30)] == [e.message for e in log.kept]
        feed.leave(watching)

    asyncio.run(asyncio.wait_for(watch(), 15))


def test_who_comes_while_changes_are_handed_on_misses_none(log: Log) -> None:
    async def watch() -> None:
        feed, first, second = Feed(), subscription(0), subscription(5)
        feed.start()
        assert [event async for event in feed.missed(first)] == []
        log.add(20)
        feed.wake()
        for _ in range(10):
            await first.mailbox.get()
        found = [event.message async for event in feed.missed(second)]
        found += [await second.mailbox.get() for _ in range(15 - len(found))]
        assert found == [event.message for event in log.kept[5:]]
        for each in (first, second):
            feed.leave(each)

    asyncio.run(asyncio.wait_for(watch(), 15))
