"""What SQLite was told."""

from sqlalchemy import text

from app.engine import create_engine
from app.settings import Settings


def test_pragmas(settings: Settings) -> None:
    engine = create_engine(settings)
    with engine.connect() as connection:
        pragmas = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 3000}
