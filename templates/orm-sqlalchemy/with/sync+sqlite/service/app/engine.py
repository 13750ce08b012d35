"""SQLite by SQLAlchemy, and the things that SQLite needs to be told."""

import sqlite3
from datetime import UTC, datetime

import sqlalchemy
from sqlalchemy import DateTime, Dialect, Engine, TypeDecorator, event, exc
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from app.settings import Settings
from app.sqlite import database_path


class UTCDateTime(TypeDecorator[datetime]):
    """Aware datetimes in UTC: SQLite keeps no offset, and gives naive ones back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


def create_engine(settings: Settings) -> Engine:
    engine = sqlalchemy.create_engine(
        f"sqlite:///{database_path(settings.database_url)}",
        # SQLite has one writer at a time. Queueing for one connection is fair and quick;
        # several connections would spin in SQLite's busy loop, some of them for seconds.
        pool_size=1,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,  # what clients send stays out of errors, and so out of the log
    )
    event.listen(engine, "connect", _configure)
    return engine


def is_away(error: exc.SQLAlchemyError) -> bool:
    """Whether the file is locked or out of reach: not a fault of this service.

    A statement that SQLite does not understand is an OperationalError too.
    """
    if isinstance(error, exc.OperationalError):
        code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return code != sqlite3.SQLITE_ERROR
    return isinstance(error, exc.TimeoutError)  # waited too long for the connection


def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 3000")  # milliseconds; then the answer is a 503
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
