"""PostgreSQL by psycopg: a pool of connections, and transactions."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, InterfaceError, OperationalError
from psycopg_pool import ConnectionPool

from app.settings import Settings


def is_away(error: Exception) -> bool:
    """Whether the server is away, a table locked, or no connection left: no fault of ours."""
    return isinstance(error, OperationalError | InterfaceError)


class Database:
    def __init__(self, settings: Settings) -> None:
        self._pool = ConnectionPool(
            settings.database_url,
            min_size=1,
            max_size=settings.database_pool_size,
            timeout=3,
            reconnect_timeout=5,  # then the next request tries again, and nobody waits longer
            check=ConnectionPool.check_connection,  # a restart of the server costs nobody an error
            kwargs={
                "connect_timeout": 3,
                "options": "-c timezone=UTC -c lock_timeout=5s",  # then the answer is a 503
            },
            open=True,
        )

    @contextmanager
    def transaction(self) -> Generator[Connection[Any]]:
        """A connection: what is done on it happens as a whole, or not at all."""
        with self._pool.connection() as connection:
            yield connection

    def ping(self) -> None:
        with self._pool.connection(timeout=2) as connection:
            connection.execute("SELECT 1")

    def close(self) -> None:
        self._pool.close()
