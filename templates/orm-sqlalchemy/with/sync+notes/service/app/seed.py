"""`python -m app.seed` adds a few notes to a database that has none."""

import logging

from app.database import Database
from app.logs import configure_logging
from app.notes import store
from app.notes.schemas import NoteCreate
from app.settings import Settings, load_settings

log = logging.getLogger(__name__)

NOTES = (
    NoteCreate(title="Welcome", body="This note came from app/seed.py."),
    NoteCreate(title="Groceries", body="Bread, milk, apples"),
    NoteCreate(title="Ideas"),
)


def seed(settings: Settings) -> int:
    """How many notes were added."""
    database = Database(settings)
    try:
        with database.sessions() as session:
            if store.page(session, after=0, limit=1).items:
                return 0
            for note in NOTES:
                store.create(session, note)
            return len(NOTES)
    finally:
        database.close()


if __name__ == "__main__":
    settings = load_settings()
    configure_logging(settings.log_level)
    log.info("added %d notes", seed(settings))
