"""The application, with a model and without one."""

from collections.abc import Generator

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from model.runner import Runner
from tests.models import trained, until


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Generator[None]:
    """Settings of whoever runs the tests must not change what is tested."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        patch.setitem(Settings.model_config, "env_file", None)
        yield


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """For an application without a model: it takes seconds to load, and few tests ask it."""
    monkeypatch.setattr(Runner, "start", lambda _: None)
    return Settings()


@pytest.fixture
def client(settings: Settings) -> Generator[TestClient]:
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def served(clean_environment: None) -> Generator[TestClient]:
    """The application with a model that is loaded."""
    settings = Settings(model_dir=trained())
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        until(lambda: client.get("/readyz").is_success)
        yield client
