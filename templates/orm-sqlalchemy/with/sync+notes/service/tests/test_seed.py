"""The examples, added once."""

from app.database import Database
from app.notes import store
from app.seed import NOTES, seed
from app.settings import Settings


def test_seeding_twice_adds_once(settings: Settings) -> None:
    assert seed(settings) == len(NOTES)
    assert seed(settings) == 0
    database = Database(settings)
    with database.sessions() as session:
        titles = [note.title for note in store.page(session, after=0, limit=100).items]
    database.close()
    assert titles == [note.title for note in NOTES]
