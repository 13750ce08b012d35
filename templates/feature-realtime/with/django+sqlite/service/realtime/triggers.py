"""The triggers that write an event for each change of a note, whoever makes it.

They are made anew after every `migrate`: Django changes most columns of SQLite by making the table
anew, which drops its triggers, and a new column shall be in the events.
"""

from typing import Any

from django.apps import apps
from django.db import connections, models, transaction

# The newest 10,000 events are kept.
TRIGGERS = {
    "notes_created": "AFTER INSERT ON notes BEGIN"
    " INSERT INTO note_events (change, note) VALUES ('created', json_object({new})); END",
    "notes_updated": "AFTER UPDATE ON notes BEGIN"
    " INSERT INTO note_events (change, note) VALUES ('updated', json_object({new})); END",
    "notes_deleted": "AFTER DELETE ON notes BEGIN"
    " INSERT INTO note_events (change, note) VALUES ('deleted', json_object({old})); END",
    "note_events_pruned": "AFTER INSERT ON note_events BEGIN"
    " DELETE FROM note_events WHERE id <= NEW.id - 10000; END",
}


def make(using: str, **_: Any) -> None:  # noqa: ANN401  # what the signal says besides
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        if "note_events" not in connection.introspection.table_names(cursor):
            return
        described = connection.introspection.get_table_description(cursor, "notes")
        there = {column.name for column in described}
        note = apps.get_model("notes", "Note")
        fields = [field for field in note._meta.concrete_fields if field.column in there]
        for name, body in TRIGGERS.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            rows = {"new": values("NEW", fields), "old": values("OLD", fields)}
            cursor.execute(f"CREATE TRIGGER {name} {body.format(**rows)}")


def values(row: str, fields: list[models.Field[Any, Any]]) -> str:
    """For `json_object`. Django keeps times in UTC without saying so; here it is said."""
    found = []
    for field in fields:
        value = f'{row}."{field.column}"'
        if isinstance(field, models.DateTimeField):
            value += " || 'Z'"
        found.append(f"'{field.column}', {value}")
    return ", ".join(found)
