"""The application on a database of the tests' own, made by the real migrations."""

from collections.abc import Generator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.main import create_app
from app.settings import Settings
from tests import database, schema


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Generator[None]:
    """Settings of whoever runs the tests must not change what is tested."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        patch.setitem(Settings.model_config, "env_file", None)
        yield


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> Generator[str]:
    """The URL of a database with all migrations."""
    with database.fresh(tmp_path_factory.mktemp("database")) as url:
        schema.migrate(url)
        yield url


@pytest.fixture
def database_url(migrated: str) -> str:
    """The URL of the same database, without rows."""
    database.execute(migrated, "DELETE FROM notes")
    return migrated


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url)


@pytest.fixture
def app(settings: Settings) -> Generator[Flask]:
    app = create_app(settings)
    yield app
    app.extensions["database"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
