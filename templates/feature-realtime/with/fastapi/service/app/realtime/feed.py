"""Hands the events of the database to everyone who watches, each once and in order."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

from pydantic import ValidationError

from app.problems import Unavailable
from app.realtime.events import Event, StoredEvent
from app.realtime.log import EventLog
from app.realtime.messages import MAX_WAITING

log = logging.getLogger(__name__)
PAGE = 100  # events read at a time
PATIENCE = 1  # seconds until someone looks again without being woken


class Subscription:
    """All changes after the event `start`: those that are stored, and then those that come."""

    def __init__(self, feed: "Feed", start: int, *, known: int, is_reset: bool) -> None:
        self.start = start
        self.is_reset = is_reset
        self.is_closed = False
        self.is_too_slow = False
        self._feed = feed
        self._known = known  # up to here the feed had read when this began
        self._waiting: deque[Event] = deque()
        self._size = 0
        self._changed = asyncio.Event()

    def put(self, event: Event) -> None:
        self._waiting.append(event)
        self._size += len(event.sse)
        self._changed.set()
        if self._size > MAX_WAITING:
            self.cut_off()

    def cut_off(self) -> None:
        """End it for now: who comes again goes on where that was, or is told to begin anew."""
        self.is_too_slow = True
        self.close()

    def close(self) -> None:
        self.is_closed = True
        self._waiting.clear()
        self._changed.set()
        self._feed.forget(self)

    async def events(self, heartbeat: float | None = None) -> AsyncGenerator[Event | None]:
        """The events up to the close, and None whenever nothing came for so many seconds."""
        last = self.start
        while last < self._known and not self.is_closed:
            page = await self._feed.read(last)
            if not page:  # it was there before
                self.cut_off()
                return
            for stored in page:
                last = stored.id
                if event := _read(stored):
                    yield event
        while not self.is_closed:
            if not self._waiting:
                self._changed.clear()
                try:
                    async with asyncio.timeout(heartbeat):
                        await self._changed.wait()
                except TimeoutError:
                    yield None
                continue
            event = self._waiting.popleft()
            self._size -= len(event.sse)
            if event.id > last:
                last = event.id
                yield event


class Feed:
    """Reads new events as long as someone watches: once, for all of them."""

    def __init__(self, events: EventLog) -> None:
        self._log = events
        self._subscriptions: set[Subscription] = set()
        self._reader: asyncio.Task[None] | None = None
        self._position = 0
        self._woken = asyncio.Event()
        self._is_closed = False
        self._is_away = False

    async def subscribe(self, last_event_id: int | None = None) -> Subscription:
        """All changes after that event, or from now on. Close it in the end."""
        bounds = await self._log.bounds()
        if self._is_closed:
            raise Unavailable("The service is shutting down.")
        # From here on nothing waits: what comes after the position comes to the subscription.
        if self._reader is None:
            self._position = bounds.last
            self._reader = asyncio.create_task(self._run())
        now = max(self._position, bounds.last)
        is_reset = last_event_id is not None and not bounds.can_resume(last_event_id)
        start = now if last_event_id is None or is_reset else last_event_id
        subscription = Subscription(self, start, known=self._position, is_reset=is_reset)
        self._subscriptions.add(subscription)
        return subscription

    def forget(self, subscription: Subscription) -> None:
        self._subscriptions.discard(subscription)

    def wake(self) -> None:
        """There may be something new."""
        self._woken.set()

    def close(self) -> None:
        """End all subscriptions; there will be no other one."""
        self._is_closed = True
        for subscription in list(self._subscriptions):
            subscription.close()

    async def stop(self) -> None:
        self.close()
        if self._reader:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader

    async def read(self, event_id: int) -> list[StoredEvent] | None:
        """Some of what is stored after this event, or None if the next ones are not kept any more.

        While the database is away, this waits.
        """
        while True:
            try:
                stored = await self._log.after(event_id, limit=PAGE)
                is_whole = await self._is_whole(event_id, stored)
            except Exception as error:  # whatever it is, who watches is not sent away for it
                if not self._is_away:
                    log.warning("cannot read the events: %s", error)
                self._is_away = True
                await asyncio.sleep(PATIENCE)
            else:
                self._is_away = False
                return stored if is_whole else None

    async def _is_whole(self, event_id: int, stored: Sequence[StoredEvent]) -> bool:
        """Whether these come next: a change that was undone leaves out an id as well."""
        if not stored or stored[0].id == event_id + 1:
            return True
        return (await self._log.bounds()).first <= event_id + 1

    async def _run(self) -> None:
        while self._subscriptions:
            self._woken.clear()
            page = await self.read(self._position)
            if page is None:
                for subscription in list(self._subscriptions):
                    subscription.cut_off()
                break
            for stored in page:
                self._position = stored.id
                if event := _read(stored):
                    for subscription in list(self._subscriptions):
                        subscription.put(event)
                await asyncio.sleep(0)  # those who keep up have it before the next one comes
                self._woken.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._woken.wait()
        self._reader = None


def _read(stored: StoredEvent) -> Event | None:
    try:
        return Event(stored)
    except ValidationError:  # someone wrote a note that the API has no form for
        log.exception("left out event %d", stored.id)
        return None
