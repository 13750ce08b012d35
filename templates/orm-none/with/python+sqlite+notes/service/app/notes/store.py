"""Notes in the database: all that the routes know of it, and all SQL about notes."""

import sqlite3
from datetime import UTC, datetime

from app.database import Database
from app.notes.schemas import NoteCreate, NotePage, NotePublic, NoteUpdate


def page(database: Database, *, after: int, limit: int) -> NotePage:
    """The notes whose id is greater than `after`, by id."""
    with database.connection() as connection:
        rows = connection.execute(
            "SELECT * FROM notes WHERE id > ? ORDER BY id LIMIT ?", (after, limit + 1)
        ).fetchall()
    items = [_note(row) for row in rows[:limit]]
    return NotePage(items=items, next=items[-1].id if len(rows) > limit else None)


def get(database: Database, note_id: int) -> NotePublic | None:
    with database.connection() as connection:
        row = connection.execute("SELECT * FROM notes WHERE id = ?", (note_id,)).fetchone()
    return _note(row) if row else None


def create(database: Database, new: NoteCreate) -> NotePublic:
    with database.transaction() as connection:
        row = connection.execute(
            "INSERT INTO notes (title, body, created_at, updated_at)"
            " VALUES (:title, :body, :now, :now) RETURNING *",
            new.model_dump() | {"now": _now()},
        ).fetchone()
    return _note(row)


def update(database: Database, note_id: int, change: NoteUpdate) -> NotePublic | None:
    """Change the fields that were sent, in one statement: two clients do not undo each other."""
    sent = change.model_dump(exclude_unset=True)
    if not sent:
        return get(database, note_id)
    with database.transaction() as connection:
        row = connection.execute(
            "UPDATE notes SET title = coalesce(:title, title), body = coalesce(:body, body),"
            " updated_at = :now WHERE id = :id RETURNING *",
            {"title": None, "body": None, **sent, "now": _now(), "id": note_id},
        ).fetchone()
    return _note(row) if row else None


def delete(database: Database, note_id: int) -> bool:
    """Whether there was one to delete."""
    with database.transaction() as connection:
        return connection.execute("DELETE FROM notes WHERE id = ?", (note_id,)).rowcount == 1


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _note(row: sqlite3.Row) -> NotePublic:
    return NotePublic.model_validate(dict(row))
