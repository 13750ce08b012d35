"""The feed on events of the test's own: nothing lost, nothing twice, whatever comes between."""

import logging
import selectors
import time
from collections.abc import Callable, Generator
from socket import socketpair
from typing import cast

import pytest

from app.database import Database
from app.notes.schemas import NoteCreate
from app.realtime import store
from app.realtime.connections import Connection
from app.realtime.events import Bounds, Event, StoredEvent
from app.realtime.feed import BACKLOG_PAGE, Feed

TIME = "2026-11-25T08:00:00Z"


class Store:
    """What the feed reads instead of the database."""

    def __init__(self) -> None:
        self.events: list[StoredEvent] = []
        self.is_away = False
        self.gone = 0  # so many of the oldest are not kept any more

    def add(self, *, title: str = "x", body: str = "") -> None:
        event_id = len(self.events) + 1
        note = NoteCreate(title="x").model_dump() | {"title": title, "body": body}
        note |= {"id": 1, "created_at": TIME, "updated_at": TIME}
        self.events.append(StoredEvent(event_id, "created", note))

    def bounds(self, _: Database) -> Bounds:
        return Bounds(self.gone + 1, len(self.events))

    def after(self, _: Database, event_id: int, *, limit: int) -> list[StoredEvent]:
        if self.is_away:
            raise OSError("not there")
        return self.events[max(event_id, self.gone) :][:limit]


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Store:
    stored = Store()
    monkeypatch.setattr(store, "bounds", stored.bounds)
    monkeypatch.setattr(store, "after", stored.after)
    return stored


@pytest.fixture
def feed(stored: Store) -> Generator[Feed]:
    feed = Feed(cast("Database", None))
    yield feed
    feed.close()
    feed.join()


@pytest.fixture
def watch(feed: Feed) -> Generator[Callable[..., Connection]]:
    """Subscribe, and say where that began."""
    open_ones = []

    def subscribe(last: int | None = None) -> Connection:
        here, there = socketpair()
        connection = Connection(here)
        open_ones.append((connection, here, there))
        feed.subscribe(connection, last, lambda start, is_reset: f"{start} {is_reset}")
        return connection

    yield subscribe
    for connection, here, there in open_ones:
        feed.unsubscribe(connection)
        connection.dispose()
        here.close()
        there.close()


def take(feed: Feed, connection: Connection, count: int) -> list[str | int]:
    """So many things that come: ids of events, and greetings."""
    taken: list[str | int] = []
    with selectors.PollSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        deadline = time.monotonic() + 10
        while len(taken) < count:
            assert time.monotonic() < deadline, taken
            items = feed.take(connection)
            taken += [item.id if isinstance(item, Event) else item for item in items]
            if not items and selector.select(0.1):
                connection.silence()
    return taken


def test_what_is_stored_and_what_comes_meanwhile(
    stored: Store, feed: Feed, watch: Callable[..., Connection]
) -> None:
    old, new = BACKLOG_PAGE * 3 + 1, 50
    for _ in range(old):
        stored.add()
    fresh, resumed = watch(), watch(0)
    for _ in range(new):
        stored.add()
        feed.wake()
    assert take(feed, resumed, old + new + 1) == ["0 False", *range(1, old + new + 1)]
    assert take(feed, fresh, new + 1) == [f"{old} False", *range(old + 1, old + new + 1)]
    assert take(feed, watch(old + new + 1), 1) == [f"{old + new} True"]


def test_an_outage_is_said_once_and_survived(
    stored: Store, feed: Feed, watch: Callable[..., Connection], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="app.realtime.feed")
    watching = watch()
    stored.is_away = True
    stored.add()
    for _ in range(3):
        feed.wake()
        time.sleep(0.05)
    stored.is_away = False
    assert take(feed, watching, 2) == ["0 False", 1]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_note_that_the_api_has_no_form_for_is_left_out(
    stored: Store, feed: Feed, watch: Callable[..., Connection], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="app.realtime.feed")
    stored.add(title="")
    stored.add()
    watch()  # so there is a backlog for the next one
    resumed = watch(0)
    stored.add(title="")
    stored.add()
    feed.wake()
    assert take(feed, resumed, 3) == ["0 False", 2, 4]
    left_out = {record.getMessage() for record in caplog.records}
    assert left_out == {"left out event 1", "left out event 3"}


def test_who_takes_nothing_is_cut_off_and_who_keeps_up_is_not(
    stored: Store, feed: Feed, watch: Callable[..., Connection]
) -> None:
    slow, quick = watch(), watch()
    for _ in range(20):
        stored.add(body="x" * 100_000)
    feed.wake()
    assert take(feed, quick, 21) == ["0 False", *range(1, 21)]
    assert (slow.is_closed, slow.code, slow.reason) == (True, 1013, "too slow")
    assert not quick.is_closed


def test_who_would_miss_something_is_cut_off(
    stored: Store, feed: Feed, watch: Callable[..., Connection]
) -> None:
    stored.add()
    stored.add()
    watching, resumed = watch(), watch(0)
    assert take(feed, resumed, 1) == ["0 False"]
    stored.gone = 1
    assert feed.take(resumed) == []
    assert (resumed.is_closed, resumed.code, resumed.reason) == (True, 1013, "too slow")
    assert take(feed, watching, 1) == ["2 False"]
    assert not watching.is_closed
    stored.gone = 3
    stored.add()
    stored.add()
    feed.wake()
    feed.join()
    assert (watching.is_closed, watching.code, watching.reason) == (True, 1013, "too slow")
    later = watch(2)
    stored.add()
    feed.wake()
    assert take(feed, later, 2) == ["4 True", 5]


def test_the_feed_reads_only_while_someone_watches(
    stored: Store, feed: Feed, watch: Callable[..., Connection]
) -> None:
    feed.unsubscribe(watch())
    feed.wake()
    feed.join()
    stored.add()
    later = watch()
    stored.add()
    feed.wake()
    assert take(feed, later, 2) == ["1 False", 2]
