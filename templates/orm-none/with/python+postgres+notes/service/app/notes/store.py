"""Notes in the database: all that the routes know of it, and all SQL about notes."""

from datetime import UTC, datetime
from typing import LiteralString

from psycopg.rows import class_row

from app.database import Database
from app.notes.schemas import NoteCreate, NotePage, NotePublic, NoteUpdate


def page(database: Database, *, after: int, limit: int) -> NotePage:
    """The notes whose id is greater than `after`, by id."""
    notes = _notes(
        database,
        "SELECT * FROM notes WHERE id > %(after)s ORDER BY id LIMIT %(limit)s",
        {"after": after, "limit": limit + 1},
    )
    items = notes[:limit]
    return NotePage(items=items, next=items[-1].id if len(notes) > limit else None)


def get(database: Database, note_id: int) -> NotePublic | None:
    notes = _notes(database, "SELECT * FROM notes WHERE id = %(id)s", {"id": note_id})
    return notes[0] if notes else None


def create(database: Database, new: NoteCreate) -> NotePublic:
    (note,) = _notes(
        database,
        "INSERT INTO notes (title, body, created_at, updated_at)"
        " VALUES (%(title)s, %(body)s, %(now)s, %(now)s) RETURNING *",
        new.model_dump() | {"now": datetime.now(UTC)},
    )
    return note


def update(database: Database, note_id: int, change: NoteUpdate) -> NotePublic | None:
    """Change the fields that were sent, in one statement: two clients do not undo each other."""
    sent = change.model_dump(exclude_unset=True)
    if not sent:
        return get(database, note_id)
    notes = _notes(
        database,
        "UPDATE notes SET title = coalesce(%(title)s, title), body = coalesce(%(body)s, body),"
        " updated_at = %(now)s WHERE id = %(id)s RETURNING *",
        {"title": None, "body": None, **sent, "now": datetime.now(UTC), "id": note_id},
    )
    return notes[0] if notes else None


def delete(database: Database, note_id: int) -> bool:
    """Whether there was one to delete."""
    with database.transaction() as connection:
        return connection.execute("DELETE FROM notes WHERE id = %s", (note_id,)).rowcount == 1


def _notes(database: Database, query: LiteralString, values: dict[str, object]) -> list[NotePublic]:
    with database.transaction() as connection:
        cursor = connection.cursor(row_factory=class_row(NotePublic))
        return cursor.execute(query, values).fetchall()
