"""The connection pool of one process, and the sessions on it."""

from sqlalchemy import text
from sqlalchemy.orm import sessionmaker

from app.engine import create_engine
from app.settings import Settings


class Database:
    def __init__(self, settings: Settings) -> None:
        self._engine = create_engine(settings)
        self.sessions = sessionmaker(self._engine, expire_on_commit=False)

    def ping(self) -> None:
        with self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        self._engine.dispose()
