"""The migrations make exactly what the models say, and can be undone."""

from pathlib import Path

import pytest
from django.core.management import call_command

from tests import database
from tests.server import manage


@pytest.mark.django_db
def test_migrations_and_models_agree() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def test_migrating_twice_is_harmless(migrated: str) -> None:
    assert "No migrations to apply." in manage("migrate", DATABASE_URL=migrated)


def test_every_migration_can_be_undone(tmp_path: Path) -> None:
    with database.fresh(tmp_path) as url:
        manage("migrate", DATABASE_URL=url)
        manage("migrate", "notes", "zero", DATABASE_URL=url)
        manage("migrate", DATABASE_URL=url)
        assert database.execute(url, "SELECT * FROM notes") == []
