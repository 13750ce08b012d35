"""The connection pool of one process, and the sessions on it."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker

from app.engine import create_engine
from app.settings import Settings


class Database:
    def __init__(self, settings: Settings) -> None:
        self._engine = create_engine(settings)
        self.sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    async def ping(self) -> None:
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self._engine.dispose()
