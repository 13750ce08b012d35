"""`python -m app.migrate` applies the files of migrations/ that the database has not seen."""

import logging
import sqlite3
import sys
from collections.abc import Generator
from pathlib import Path

from app.database import Database, is_away
from app.logs import configure_logging
from app.settings import Settings, load_settings

log = logging.getLogger(__name__)
FOLDER = Path(__file__).parent.parent / "migrations"


def migrate(settings: Settings) -> list[str]:
    """The names of the files that were applied, all in one transaction."""
    database = Database(settings)
    try:
        with database.transaction() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
            seen = {name for (name,) in connection.execute("SELECT name FROM migrations")}
            new = [file for file in sorted(FOLDER.glob("*.sql")) if file.name not in seen]
            for file in new:
                for statement in _statements(file.read_text("utf-8")):
                    connection.execute(statement)
                connection.execute("INSERT INTO migrations (name) VALUES (?)", (file.name,))
    finally:
        database.close()
    return [file.name for file in new]


def _statements(script: str) -> Generator[str]:
    """The statements of a script; sqlite3's own executescript would commit half-way."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def main() -> None:
    settings = load_settings()
    configure_logging(settings.log_level)
    try:
        applied = migrate(settings)
    except Exception as error:
        if not is_away(error):
            raise
        sys.exit(f"cannot migrate: the database does not answer: {' '.join(str(error).split())}")
    log.info("applied %s", ", ".join(applied) or "nothing: all is up to date")


if __name__ == "__main__":
    main()
