"""`python -m app.migrate` applies the files of migrations/ that the database has not seen."""

import logging
import sys
from pathlib import Path

import psycopg

from app.database import is_away
from app.logs import configure_logging
from app.settings import Settings, load_settings

log = logging.getLogger(__name__)
FOLDER = Path(__file__).parent.parent / "migrations"


def migrate(settings: Settings) -> list[str]:
    """The names of the files that were applied, all in one transaction."""
    with psycopg.connect(settings.database_url, connect_timeout=3) as connection:
        # Two migrations at a time wait for each other. The number is this program's own.
        connection.execute("SELECT pg_advisory_xact_lock(20261124)")
        connection.execute("CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY)")
        seen = {name for (name,) in connection.execute("SELECT name FROM migrations")}
        new = [file for file in sorted(FOLDER.glob("*.sql")) if file.name not in seen]
        for file in new:
            connection.execute(file.read_bytes())
            connection.execute("INSERT INTO migrations (name) VALUES (%s)", (file.name,))
    return [file.name for file in new]


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
