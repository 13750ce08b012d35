"""SQLite by Django, and the things that SQLite needs to be told."""

import sqlite3
from contextlib import suppress
from typing import Any

from django.db import OperationalError, connection

from config.base import BASE_DIR
from config.env import Env


def database(env: Env) -> dict[str, Any]:
    """For `DATABASES`. Foreign keys are Django's own doing.

    A folder that cannot be made is no error here: the first connection says so, and may succeed
    later.
    """
    path = BASE_DIR / env.database_url.removeprefix("sqlite:///")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,  # seconds: each thread keeps its connection
        "OPTIONS": {
            "timeout": 3,  # seconds to wait for a lock; then the answer is a 503
            # A transaction that reads first and then cannot write would fail at once.
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
        },
    }


def ping() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def is_away(error: Exception) -> bool:
    """Whether the file is locked or out of reach: not a fault of this service.

    A statement that SQLite does not understand is an OperationalError too.
    """
    if not isinstance(error, OperationalError):
        return False
    code = getattr(error.__cause__, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return bool(code != sqlite3.SQLITE_ERROR)
