"""The events in the database, which its triggers write."""

from app.database import Database
from app.realtime.events import Bounds, StoredEvent


def bounds(database: Database) -> Bounds:
    with database.transaction() as connection:
        row = connection.execute("SELECT min(id), max(id) FROM note_events").fetchone()
    first, last = row or (None, None)
    return Bounds(first or 1, last or 0)


def after(database: Database, event_id: int, *, limit: int) -> list[StoredEvent]:
    """The events whose id is greater than `event_id`, by id."""
    with database.transaction() as connection:
        rows = connection.execute(
            "SELECT id, change, note FROM note_events WHERE id > %s ORDER BY id LIMIT %s",
            (event_id, limit),
        ).fetchall()
    return [StoredEvent(*row) for row in rows]


def notify(database: Database, payload: str) -> None:
    """Tell all processes, this one among them."""
    with database.transaction() as connection:
        connection.execute("SELECT pg_notify('realtime', %s)", (payload,))
