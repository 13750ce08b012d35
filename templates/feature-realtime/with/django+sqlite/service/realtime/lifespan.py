"""What begins with the server and ends with it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from asgiref.sync import sync_to_async

from realtime import database
from realtime.feed import feed


@asynccontextmanager
async def lifespan() -> AsyncGenerator[None]:
    feed.start()
    yield
    await sync_to_async(database.close, thread_sensitive=False)()
