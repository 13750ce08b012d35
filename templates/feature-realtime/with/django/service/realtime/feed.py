"""The changes of notes, read once for everyone in this process who watches them."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from contextvars import Context

from realtime import events
from realtime.database import asked
from realtime.events import Event, Page
from realtime.mailbox import Mailbox, TooSlow

INTERVAL = 1.0  # seconds: how long a change can go unseen that nobody told of

log = logging.getLogger(__name__)


class Subscription:
    def __init__(self, mailbox: Mailbox, form: Callable[[Event], str], last: int) -> None:
        self.mailbox = mailbox
        self.form = form
        self.last = last  # the id of the event after which it begins

    def put(self, event: Event) -> None:
        if event.id > self.last:
            self.mailbox.put(self.form(event))

    def end(self) -> None:
        """Who would miss what is not kept any more shall come again, and read the notes anew."""
        self.mailbox.close(TooSlow())


class Feed:
    """Reads the events in order of their ids, and only while there are subscriptions."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._position = 0  # everyone has been given the events up to this one
        self._reader: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_failing = False

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        """There may be something new; from any thread."""
        if self._loop:
            self._loop.call_soon_threadsafe(self._woken.set)

    async def missed(self, subscription: Subscription) -> AsyncGenerator[Event]:
        """What there is already; the subscription is given all that comes after that.

        Nothing is awaited between the last look at the position and the entry: no event comes in
        between.
        """
        while not self._subscriptions or subscription.last < self._position:
            position = self._position
            page = await self._page(subscription.last)
            if page.is_behind:
                subscription.end()
                return
            if page.last == subscription.last and position == self._position:
                break
            for event in page.events:
                yield event
            subscription.last = page.last
        if not self._subscriptions:
            self._position = subscription.last
        self._subscriptions.add(subscription)
        self._reader = self._reader or asyncio.create_task(self._read(), context=Context())

    def leave(self, subscription: Subscription) -> None:
        self._subscriptions.discard(subscription)
        if self._reader and not self._subscriptions:
            self._reader.cancel()
            self._reader = None

    async def _read(self) -> None:
        while True:
            self._woken.clear()
            page = await self._page(self._position)
            if page.is_behind:
                for subscription in self._subscriptions:
                    subscription.end()
            if page.last == self._position:
                with suppress(TimeoutError):
                    async with asyncio.timeout(INTERVAL):
                        await self._woken.wait()
            for event in page.events:
                for subscription in self._subscriptions:
                    subscription.put(event)
                self._position = event.id
                await asyncio.sleep(0)  # who reads quickly has it before the next one comes
            self._position = page.last

    async def _page(self, event_id: int) -> Page:
        """While the database is away, streams stay open and wait."""
        while True:
            try:
                page = await asked(events.page)(event_id)
            except Exception as error:  # whatever it is, it is tried again
                if not self._is_failing:
                    log.warning("events cannot be read: %s", error)
                self._is_failing = True
                await asyncio.sleep(INTERVAL)
            else:
                self._is_failing = False
                return page


feed = Feed()
