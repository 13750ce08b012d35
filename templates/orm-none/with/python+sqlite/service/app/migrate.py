"""`python -m app.migrate` applies the files of migrations/ that the database has not seen."""

import logging
import sqlite3
from collections.abc import Generator
from pathlib import Path

from app.database import Database
from app.logs import configure_logging
from app.settings import Settings, load_settings

log = logging.getLogger(__name__)
FOLDER = Path(__file__).parent.parent / "migrations"


def migrate(settings: Settings) -> list[str]:
    """The names of the files that were applied, all in one transaction.

    The number in front of a name counts from 1; `user_version` is the last one applied.
    """
    database = Database(settings)
    applied = []
    try:
        with database.transaction() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            for number, file in enumerate(sorted(FOLDER.glob("*.sql")), start=1):
                if number <= version:
                    continue
                for statement in _statements(file.read_text("utf-8")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
                applied.append(file.name)
    finally:
        database.close()
    return applied


def _statements(script: str) -> Generator[str]:
    """The statements of a script; sqlite3's own executescript would commit half-way."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


if __name__ == "__main__":
    settings = load_settings()
    configure_logging(settings.log_level)
    log.info("applied %s", ", ".join(migrate(settings)) or "nothing: all is up to date")
