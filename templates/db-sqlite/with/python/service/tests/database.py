"""The tests' own database, touched without the application: SQLite in a temporary folder."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def fresh(folder: Path) -> Generator[str]:
    """The URL of a new database, in a folder that does not exist yet."""
    yield f"sqlite:///{folder / 'made' / 'test.db'}"


def away(folder: Path) -> str:
    """The URL of a database that cannot be reached."""
    return f"sqlite:///{folder}"


@contextmanager
def locked(url: str) -> Generator[None]:
    """Nobody else can write."""
    with closing(_connect(url)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(_connect(url)) as connection:
        return connection.execute(statement).fetchall()


def _connect(url: str) -> sqlite3.Connection:
    return sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
