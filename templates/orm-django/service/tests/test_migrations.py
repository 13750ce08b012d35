"""The migrations make exactly what the models say, and can be undone."""

import pytest
from django.core.management import call_command
from django.db import connection

from tests.server import manage


@pytest.mark.django_db
def test_migrations_and_models_agree() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def test_migrating_twice_is_harmless(migrated: str) -> None:
    assert "No migrations to apply." in manage("migrate", DATABASE_URL=migrated)


@pytest.mark.django_db(transaction=True)
def test_every_migration_can_be_undone() -> None:
    assert "notes" in connection.introspection.table_names()
    call_command("migrate", "notes", "zero", verbosity=0)
    try:
        assert "notes" not in connection.introspection.table_names()
    finally:
        call_command("migrate", verbosity=0)
    assert "notes" in connection.introspection.table_names()
