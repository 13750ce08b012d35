"""Clients, and databases and static files of the tests' own."""

from collections.abc import Generator

import pytest
from django.core.management import call_command
from django.test import Client

from tests import database
from tests.server import manage


@pytest.fixture(scope="session", autouse=True)
def static_files() -> None:
    """Pages name their static files as in production: by names that `collectstatic` makes."""
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture
def client() -> Client:
    """A client that gets an answer where a view fails, as a real one does."""
    return Client(raise_request_exception=False)


@pytest.fixture
def browser() -> Client:
    """A client that wants pages."""
    return Client(raise_request_exception=False, headers={"accept": "text/html,*/*;q=0.8"})


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The URL of a database with all migrations, for processes."""
    with database.fresh(tmp_path_factory.mktemp("database")) as url:
        manage("migrate", DATABASE_URL=url)
        yield url


@pytest.fixture
def database_url(migrated: str) -> str:
    """The URL of the same database, without rows."""
    database.execute(migrated, "DELETE FROM notes")
    return migrated
