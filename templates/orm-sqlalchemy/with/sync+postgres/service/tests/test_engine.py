"""The pool of connections."""

from flask.testing import FlaskClient
from sqlalchemy import QueuePool

from app.engine import create_engine
from app.settings import Settings
from tests import database


def test_size(settings: Settings) -> None:
    pool = create_engine(settings.model_copy(update={"database_pool_size": 3})).pool
    assert isinstance(pool, QueuePool)
    assert (pool.size(), pool._max_overflow) == (3, 0)


def test_lost_connections_cost_nobody_an_error(client: FlaskClient, database_url: str) -> None:
    for _ in range(2):
        assert client.get("/api/notes").status_code == 200
        database.execute(
            database_url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
