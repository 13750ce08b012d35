"""The tests' own database, touched without the application: one beside that of DATABASE_URL."""

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString
from urllib.parse import urlsplit

import psycopg
from dotenv import dotenv_values
from psycopg import sql

ROOT = Path(__file__).parent.parent
SERVER = (
    os.environ.get("DATABASE_URL")
    or dotenv_values(ROOT / ".env").get("DATABASE_URL")
    or "postgresql://app:app@localhost:5432/app"
)


@contextmanager
def fresh(_: Path) -> Generator[str]:
    """The URL of a new database, which is dropped at the end."""
    name = f"{urlsplit(SERVER).path.strip('/')}_test_{secrets.token_hex(4)}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(SERVER)._replace(path=f"/{name}").geturl()
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))


def away(_: Path) -> str:
    """The URL of a database that cannot be reached."""
    return "postgresql://app:app@127.0.0.1:1/app"


@contextmanager
def locked(url: str) -> Generator[None]:
    """Nobody else can reach the notes."""
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE notes")
        yield


def execute(url: str, statement: LiteralString) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []
