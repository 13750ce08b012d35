"""Settings: what is taken, what is refused, and how that is said."""

from pathlib import Path

import pytest

from app.settings import Settings, load_settings


def test_defaults() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.1", 8000, "info")
    assert (settings.prediction_slots, settings.prediction_timeout_ms) == (32, 2000)
    assert settings.cors_origins == ()


def test_values_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "0.0.0.0")  # noqa: S104  # read, never listened on
    monkeypatch.setenv("PORT", "65535")
    monkeypatch.setenv("LOG_LEVEL", "warn")
    monkeypatch.setenv("MODEL_DIR", "/models")
    settings = load_settings()
    assert (settings.host, settings.port, settings.log_level) == ("0.0.0.0", 65535, "warn")  # noqa: S104
    assert settings.model_dir == Path("/models")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "hunter2"),
        ("LOG_LEVEL", "verbose"),
        ("CORS_ORIGINS", "https://a.example,nonsense"),
        ("PREDICTION_SLOTS", "0"),
        ("PREDICTION_TIMEOUT_MS", "60001"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stop:
        load_settings()
    line = str(stop.value.code)
    assert f"{name} is wrong (expected: " in line
    assert ".env.example" in line
    assert "\n" not in line
    assert "hunter2" not in line


def test_all_faults_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREDICTION_SLOTS", "many")
    monkeypatch.setenv("PORT", "0")
    with pytest.raises(SystemExit, match=r"PREDICTION_SLOTS is wrong .* PORT is wrong"):
        load_settings()


def test_the_environment_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=9000\nLOG_LEVEL=debug\nUNRELATED=1\n")
    monkeypatch.setitem(Settings.model_config, "env_file", file)
    monkeypatch.setenv("PORT", "9001")
    settings = load_settings()
    assert (settings.port, settings.log_level) == (9001, "debug")
