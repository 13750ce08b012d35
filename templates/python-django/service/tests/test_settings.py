"""Settings: what is taken, what is refused, and how that is said."""

from pathlib import Path

import pytest

from config.env import Env, load_env
from tests.server import manage
from tests.settings import ENV

KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
KNOWN_KEY = "django-insecure-" + KEY


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("DATABASE_URL", ENV.database_url)
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setenv("HTTPS", "")
    return monkeypatch


def test_defaults(environment: pytest.MonkeyPatch) -> None:
    env = load_env()
    assert (env.host, env.port, env.log_level) == ("127.0.0.1", 8000, "info")
    assert env.cors_origins == ()
    assert env.https
    assert not env.django_debug


def test_values_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HOST", "0.0.0.0")  # noqa: S104  # read, never listened on
    environment.setenv("PORT", "65535")
    environment.setenv("LOG_LEVEL", "warn")
    environment.setenv("CORS_ORIGINS", "https://a.example, http://localhost:5173")
    environment.setenv("ALLOWED_HOSTS", "a.example, .b.example, [::1]")
    environment.setenv("HTTPS", "false")
    env = load_env()
    assert (env.host, env.port, env.log_level) == ("0.0.0.0", 65535, "warn")  # noqa: S104
    assert env.cors_origins == ("https://a.example", "http://localhost:5173")
    assert env.allowed_hosts == ("a.example", ".b.example", "[::1]")
    assert not env.https


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eighty"),
        ("LOG_LEVEL", "verbose"),
        ("CORS_ORIGINS", "https://a.example,nonsense"),
        ("CORS_ORIGINS", "https://a.example/path"),
        ("ALLOWED_HOSTS", "https://a.example"),
        ("ALLOWED_HOSTS", "*"),
        ("HTTPS", "perhaps"),
        ("DJANGO_DEBUG", "perhaps"),
        ("SECRET_KEY", "hunter2"),
        ("SECRET_KEY", ""),
        ("DATABASE_URL", "mysql://root:hunter2@localhost/app"),
        ("DATABASE_URL", "hunter2"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", None),
    ],
)
def test_a_wrong_value_is_named_in_one_line(
    environment: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    environment.setitem(Env.model_config, "env_file", None)
    if value is None:
        environment.delenv(name)
    else:
        environment.setenv(name, value)
    with pytest.raises(SystemExit) as stop:
        load_env()
    line = str(stop.value.code)
    assert f"{name} is {'wrong' if value else 'missing'} (expected: " in line
    assert ".env.example" in line
    assert "\n" not in line
    assert "hunter2" not in line


def test_all_faults_are_named_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_URL", "")
    environment.setenv("PORT", "0")
    with pytest.raises(SystemExit, match=r"DATABASE_URL is missing .* PORT is wrong"):
        load_env()


def test_the_key_of_the_example_is_for_this_machine_alone(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("SECRET_KEY", KNOWN_KEY)
    assert load_env().secret_key == KNOWN_KEY
    environment.setenv("ALLOWED_HOSTS", "localhost,a.example")
    with pytest.raises(SystemExit, match="SECRET_KEY is wrong") as stop:
        load_env()
    assert KNOWN_KEY not in str(stop.value.code)


def test_the_environment_wins_over_the_file(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=9000\nLOG_LEVEL=debug\nUNRELATED=1\n")
    environment.setitem(Env.model_config, "env_file", file)
    environment.setenv("PORT", "9001")
    environment.delenv("LOG_LEVEL")
    env = load_env()
    assert (env.port, env.log_level) == (9001, "debug")


def test_fit_to_be_deployed() -> None:
    """Django's own list of what a site on the internet has to have."""
    manage(
        *("check", "--deploy", "--fail-level", "WARNING"),
        DATABASE_URL=ENV.database_url,
        SECRET_KEY=KEY,
        ALLOWED_HOSTS="a.example",
        HTTPS="",
    )
