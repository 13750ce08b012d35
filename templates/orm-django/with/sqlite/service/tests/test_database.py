"""What SQLite was told."""

import sqlite3
from contextlib import closing

import pytest
from django.db import connection, transaction


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 3000)]
)
def test_pragmas(name: str, value: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        assert cursor.fetchone() == (value,)


@pytest.mark.django_db(transaction=True)
def test_a_transaction_takes_the_lock_at_its_start() -> None:
    path = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        with transaction.atomic(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")
