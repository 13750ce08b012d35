"""A response that sends events until the client leaves or the service ends."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress

from django.conf import settings
from django.http import StreamingHttpResponse

from realtime.events import PING, position
from realtime.feed import Subscription, feed
from realtime.mailbox import Closed, Mailbox, streams
from realtime.selectors import Bounds


class EventStream(StreamingHttpResponse):
    def __init__(self, events: AsyncGenerator[str]) -> None:
        super().__init__(
            events,
            content_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
        self.at_end: Callable[[], None] | None = None
        self._events = events

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        """Ends the events with itself: Django leaves that to the garbage collector."""
        async with aclosing(self._events) as events:
            async for event in events:
                yield self.make_bytes(event)

    def close(self) -> None:
        super().close()
        if self.at_end:
            self.at_end()


async def changes(bounds: Bounds, last_event_id: int | None) -> AsyncGenerator[str]:
    """The changes after this event; after the newest, where none was named or it is forgotten."""
    resumes = last_event_id is not None and bounds.can_resume(last_event_id)
    is_reset = last_event_id is not None and not resumes
    start = last_event_id if last_event_id is not None and resumes else bounds.last
    mailbox = Mailbox()
    subscription = Subscription(mailbox, lambda event: event.sse, start)
    streams.add(mailbox)
    try:
        yield position(start, "reset" if is_reset else "ready")
        async for event in feed.missed(subscription):
            if mailbox.is_closed:
                return
            yield event.sse
        with suppress(Closed):
            while True:
                yield await _next(mailbox)
    finally:
        streams.remove(mailbox)
        feed.leave(subscription)


async def _next(mailbox: Mailbox) -> str:
    try:
        async with asyncio.timeout(settings.HEARTBEAT_SECONDS):
            return await mailbox.get()
    except TimeoutError:
        return PING
