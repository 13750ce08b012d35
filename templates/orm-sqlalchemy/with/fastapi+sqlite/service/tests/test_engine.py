"""What SQLite was told."""

import asyncio

from sqlalchemy import text

from app.engine import create_engine
from app.settings import Settings


def test_pragmas(settings: Settings) -> None:
    async def pragmas() -> dict[str, object]:
        engine = create_engine(settings)
        try:
            async with engine.connect() as connection:
                return {
                    name: await connection.scalar(text(f"PRAGMA {name}"))
                    for name in ("journal_mode", "foreign_keys", "busy_timeout")
                }
        finally:
            await engine.dispose()

    assert asyncio.run(pragmas()) == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 3000,
    }
