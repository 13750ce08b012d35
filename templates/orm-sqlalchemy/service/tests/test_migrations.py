"""The migrations make exactly what the models say, and can be undone."""

from pathlib import Path

import pytest

from tests import database, schema


def test_migrations_and_models_agree(migrated: str) -> None:
    schema.alembic(migrated, "check")


def test_migrating_twice_is_harmless(migrated: str) -> None:
    schema.migrate(migrated)


def test_every_migration_can_be_undone(tmp_path: Path) -> None:
    with database.fresh(tmp_path) as url:
        schema.migrate(url)
        schema.alembic(url, "downgrade", "base")
        schema.migrate(url)
        assert database.execute(url, "SELECT * FROM notes") == []


def test_a_database_that_is_away_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stop:
        schema.migrate(database.away(tmp_path))
    line = str(stop.value.code)
    assert line.startswith("cannot migrate: the database does not answer: ")
    assert "\n" not in line
