"""The feed on a log of the test's own: nothing lost, nothing twice, whatever comes between."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

import pytest

from app.notes.schemas import NoteCreate
from app.problems import Unavailable
from app.realtime.events import Bounds, Event, StoredEvent
from app.realtime.feed import PAGE, Feed, Subscription
from app.realtime.log import EventLog

TIME = "2026-11-25T08:00:00Z"


class Log(EventLog):
    def __init__(self) -> None:
        self.events: list[StoredEvent] = []
        self.is_away = False
        self.gone = 0  # so many of the oldest are not kept any more

    def add(self, *, title: str = "x", body: str = "") -> None:
        note_id = len(self.events) + 1
        note = NoteCreate(title="x").model_dump() | {"title": title, "body": body}
        note |= {"id": note_id, "created_at": TIME, "updated_at": TIME}
        self.events.append(StoredEvent(note_id, "created", note))

    async def bounds(self) -> Bounds:
        return Bounds(self.gone + 1, len(self.events))

    async def after(self, event_id: int, *, limit: int) -> list[StoredEvent]:
        await asyncio.sleep(0)
        if self.is_away:
            raise Unavailable("The database does not answer.")
        return self.events[max(event_id, self.gone) :][:limit]


async def take(subscription: Subscription, count: int) -> list[int]:
    """The ids of so many events."""
    ids: list[int] = []
    async for event in subscription.events():
        assert isinstance(event, Event)
        ids.append(event.id)
        if len(ids) == count:
            break
    return ids


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 10))


def test_what_is_stored_and_what_comes_meanwhile() -> None:
    async def test() -> None:
        log = Log()
        feed = Feed(log)
        stored, new = PAGE * 3, 50
        for _ in range(stored):
            log.add()
        resumed, fresh = await feed.subscribe(0), await feed.subscribe()
        assert (resumed.start, fresh.start) == (0, stored)
        whole = asyncio.create_task(take(resumed, stored + new))
        only_new = asyncio.create_task(take(fresh, new))
        for _ in range(new):
            log.add()
            feed.wake()
            await asyncio.sleep(0)
        assert await whole == list(range(1, stored + new + 1))
        assert await only_new == list(range(stored + 1, stored + new + 1))
        await feed.stop()

    run(test())


def test_an_outage_is_said_once_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        log = Log()
        feed = Feed(log)
        subscription = await feed.subscribe()
        log.is_away = True
        log.add()
        await asyncio.sleep(1.5)
        log.is_away = False
        assert await take(subscription, 1) == [1]
        await feed.stop()

    run(test())
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_note_that_the_api_has_no_form_for_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        log = Log()
        feed = Feed(log)
        log.add(title="")
        log.add()
        resumed = await feed.subscribe(0)
        log.add(title="")
        log.add()
        feed.wake()
        assert await take(resumed, 2) == [2, 4]
        await feed.stop()

    run(test())
    assert {record.getMessage() for record in caplog.records} == {
        "left out event 1",
        "left out event 3",
    }


def test_who_takes_nothing_is_cut_off() -> None:
    async def test() -> None:
        log = Log()
        feed = Feed(log)
        slow, quick = await feed.subscribe(), await feed.subscribe()
        for _ in range(12):
            log.add(body="x" * 100_000)
        assert await take(quick, 12) == list(range(1, 13))
        assert slow.is_too_slow
        assert slow.is_closed
        assert not quick.is_closed
        await feed.stop()
        assert quick.is_closed

    run(test())


def test_who_would_miss_something_is_cut_off() -> None:
    async def test() -> None:
        log = Log()
        feed = Feed(log)
        log.add()
        log.add()
        watching, resumed = await feed.subscribe(), await feed.subscribe(0)
        log.gone = 1
        assert await take(resumed, 1) == []
        assert resumed.is_too_slow
        assert not watching.is_closed
        log.add()
        log.add()
        log.gone = 3
        feed.wake()
        assert await take(watching, 1) == []
        assert watching.is_too_slow
        later = await feed.subscribe(2)
        assert (later.start, later.is_reset) == (4, True)
        log.add()
        feed.wake()
        assert await take(later, 1) == [5]
        await feed.stop()

    run(test())


def test_the_feed_reads_only_while_someone_watches() -> None:
    async def test() -> None:
        log = Log()
        feed = Feed(log)
        subscription = await feed.subscribe()
        subscription.close()
        log.add()
        feed.wake()
        await asyncio.sleep(0.1)
        later = await feed.subscribe()
        assert later.start == 1
        log.add()
        feed.wake()
        assert await take(later, 1) == [2]
        await feed.stop()
        with pytest.raises(Unavailable):
            await feed.subscribe()

    run(test())
