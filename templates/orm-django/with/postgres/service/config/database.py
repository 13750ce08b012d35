"""PostgreSQL by Django, with a pool of connections."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.db import InterfaceError, OperationalError, connection

from config.env import Env


def database(env: Env) -> dict[str, Any]:
    """For `DATABASES`."""
    url = urlsplit(env.database_url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.removeprefix("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname,
        "PORT": url.port or "",
        "CONN_HEALTH_CHECKS": True,  # after a restart of the server no request gets a dead one
        "OPTIONS": {
            "connect_timeout": 3,  # seconds
            "options": "-c lock_timeout=5s",  # then the answer is a 503
            "pool": {
                "min_size": 1,
                "max_size": env.database_pool_size,
                "timeout": 3,
                "reconnect_timeout": 5,  # then the next request tries again, and nobody waits longer
            },
            # Values stay out of the statements, and so out of errors and the log.
            "server_side_binding": True,
        },
    }


def ping() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def is_away(error: Exception) -> bool:
    """Whether the server is away, a table locked, or no connection left: no fault of ours."""
    return isinstance(error, (OperationalError, InterfaceError))
