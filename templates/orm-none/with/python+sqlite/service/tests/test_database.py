"""What SQLite was told, and what a transaction is."""

import pytest

from app.database import Database
from app.settings import Settings


def test_pragmas(settings: Settings) -> None:
    database = Database(settings)
    with database.connection() as connection:
        pragmas = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    database.close()
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 3000}


def test_a_failed_transaction_leaves_nothing_behind(settings: Settings) -> None:
    database = Database(settings)
    with pytest.raises(ValueError, match="half-way"), database.transaction() as connection:
        connection.execute("CREATE TABLE half (way integer)")
        raise ValueError("half-way")
    with database.transaction() as connection:
        connection.execute("CREATE TABLE half (way integer)")
        connection.execute("DROP TABLE half")
    database.close()
