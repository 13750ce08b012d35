"""PostgreSQL by SQLAlchemy and psycopg."""

import sqlalchemy
from sqlalchemy import Engine, exc, make_url

from app.settings import Settings


def create_engine(settings: Settings) -> Engine:
    return sqlalchemy.create_engine(
        make_url(settings.database_url).set(drivername="postgresql+psycopg"),
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=True,  # a restart of the server costs nobody an error
        hide_parameters=True,  # what clients send stays out of errors, and so out of the log
        connect_args={
            "connect_timeout": 3,
            "options": "-c timezone=UTC -c lock_timeout=5s",  # then the answer is a 503
        },
    )


def is_away(error: exc.SQLAlchemyError) -> bool:
    """Whether the server is away, a table locked, or no connection left: no fault of ours."""
    return isinstance(error, exc.OperationalError | exc.InterfaceError | exc.TimeoutError)
