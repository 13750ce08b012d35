"""SQLite by the standard library: connections, one per thread at work, and transactions."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

from app.settings import Settings
from app.sqlite import database_path


def is_away(error: Exception) -> bool:
    """Whether the file is locked or out of reach: not a fault of this service.

    A statement that SQLite does not understand is an OperationalError too.
    """
    return (
        isinstance(error, sqlite3.OperationalError)
        and error.sqlite_errorcode != sqlite3.SQLITE_ERROR
    )


class Database:
    def __init__(self, settings: Settings) -> None:
        self._path = database_path(settings.database_url)
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()

    @contextmanager
    def connection(self) -> Generator[sqlite3.Connection]:
        """A connection for reading; a single statement on it is a transaction of its own."""
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._idle.put(connection)

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """A connection that may write: what is done on it happens as a whole, or not at all."""
        with self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")  # wait for the lock now, not half-way
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    def ping(self) -> None:
        with self.connection() as connection:
            connection.execute("SELECT 1")

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get().close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=3,  # seconds to wait for a lock; then the answer is a 503
            isolation_level=None,  # transactions are begun by hand
            check_same_thread=False,  # one thread at a time, but not always the same
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection
