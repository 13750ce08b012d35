"""The events in the database, which its triggers write."""

import json

from app.database import Database
from app.realtime.events import Bounds, StoredEvent


def bounds(database: Database) -> Bounds:
    with database.connection() as connection:
        first, last = connection.execute("SELECT min(id), max(id) FROM note_events").fetchone()
    return Bounds(first or 1, last or 0)


def after(database: Database, event_id: int, *, limit: int) -> list[StoredEvent]:
    """The events whose id is greater than `event_id`, by id."""
    with database.connection() as connection:
        rows = connection.execute(
            "SELECT id, change, note FROM note_events WHERE id > ? ORDER BY id LIMIT ?",
            (event_id, limit),
        ).fetchall()
    return [StoredEvent(row["id"], row["change"], json.loads(row["note"])) for row in rows]
