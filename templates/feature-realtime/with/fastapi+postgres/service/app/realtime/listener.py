"""What other processes tell this one, by NOTIFY."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from psycopg import AsyncConnection, Error, Notify
from pydantic import ValidationError

from app.realtime.feed import Feed
from app.realtime.hub import Hub
from app.realtime.messages import Delivery
from app.settings import Settings

log = logging.getLogger(__name__)
SHORTEST_WAIT, LONGEST_WAIT = 0.1, 5  # seconds between two attempts to connect


class Listener:
    """Listens on a connection of its own, and makes it anew when it is lost."""

    def __init__(self, settings: Settings, feed: Feed, hub: Hub) -> None:
        self.is_listening = asyncio.Event()
        self._url = settings.database_url
        self._feed = feed
        self._hub = hub

    async def run(self) -> None:
        wait: float = SHORTEST_WAIT
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute("LISTEN note_events")
                    await connection.execute("LISTEN realtime")
                    wait = SHORTEST_WAIT
                    self.is_listening.set()
                    self._feed.wake()  # nobody has, since the connection was lost
                    async for notify in connection.notifies():
                        self._take(notify)
            except Error as error:
                if wait == SHORTEST_WAIT:  # once is enough
                    log.warning("cannot listen: %s", " ".join(str(error).split()))
            self.is_listening.clear()
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    def _connect(self) -> Coroutine[Any, Any, AsyncConnection]:
        return AsyncConnection.connect(
            self._url,
            autocommit=True,
            connect_timeout=3,
            keepalives_idle=10,  # seconds: a server that vanished is noticed
            keepalives_interval=5,
            keepalives_count=3,
        )

    def _take(self, notify: Notify) -> None:
        if notify.channel == "note_events":
            self._feed.wake()
            return
        try:
            self._hub.deliver(Delivery.model_validate_json(notify.payload))
        except ValidationError:
            log.warning("process %d of the database said what no service says", notify.pid)
