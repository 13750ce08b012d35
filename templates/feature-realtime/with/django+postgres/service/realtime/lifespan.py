"""What begins with the server and ends with it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from asgiref.sync import sync_to_async

from realtime import channel, database
from realtime.feed import feed


@asynccontextmanager
async def lifespan() -> AsyncGenerator[None]:
    feed.start()
    listener = asyncio.create_task(channel.listen())
    yield
    listener.cancel()
    with suppress(asyncio.CancelledError):
        await listener
    await sync_to_async(database.close, thread_sensitive=False)()
