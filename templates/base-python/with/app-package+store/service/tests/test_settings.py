"""Settings: what is taken, what is refused, and how that is said."""

from pathlib import Path

import pytest

from app.settings import Settings, load_settings


@pytest.fixture
def environment(database_url: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return monkeypatch


def test_defaults(environment: pytest.MonkeyPatch, database_url: str) -> None:
    settings = load_settings()
    assert settings.database_url == database_url
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.1", 8000, "info")
    assert settings.cors_origins == ()


def test_values_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HOST", "0.0.0.0")  # noqa: S104  # read, never listened on
    environment.setenv("PORT", "65535")
    environment.setenv("LOG_LEVEL", "warn")
    environment.setenv("CORS_ORIGINS", "https://a.example, http://localhost:5173")
    settings = load_settings()
    assert (settings.host, settings.port, settings.log_level) == ("0.0.0.0", 65535, "warn")  # noqa: S104
    assert settings.cors_origins == ("https://a.example", "http://localhost:5173")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eighty"),
        ("LOG_LEVEL", "verbose"),
        ("CORS_ORIGINS", "https://a.example,nonsense"),
        ("CORS_ORIGINS", "https://a.example/path"),
        ("DATABASE_URL", "mysql://root:hunter2@localhost/app"),
        ("DATABASE_URL", "hunter2"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", None),
    ],
)
def test_a_wrong_value_is_named_in_one_line(
    environment: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    if value is None:
        environment.delenv(name)
    else:
        environment.setenv(name, value)
    with pytest.raises(SystemExit) as stop:
        load_settings()
    line = str(stop.value.code)
    assert f"{name} is {'wrong' if value else 'missing'} (expected: " in line
    assert ".env.example" in line
    assert "\n" not in line
    assert "hunter2" not in line


def test_all_faults_are_named_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("DATABASE_URL")
    environment.setenv("PORT", "0")
    with pytest.raises(SystemExit, match=r"DATABASE_URL is missing .* PORT is wrong"):
        load_settings()


def test_the_environment_wins_over_the_file(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=9000\nLOG_LEVEL=debug\nUNRELATED=1\n")
    environment.setitem(Settings.model_config, "env_file", file)
    environment.setenv("PORT", "9001")
    settings = load_settings()
    assert (settings.port, settings.log_level) == (9001, "debug")
