"""create note events

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# SQLite keeps times in UTC without saying so; in an event it is said.
CREATED, UPDATED, DELETED = (
    f"""
    CREATE TRIGGER notes_{change} AFTER {operation} ON notes BEGIN
        INSERT INTO note_events (change, note) VALUES ('{change}', json_object(
            'id', {row}.id, 'title', {row}.title, 'body', {row}.body,
            'created_at', {row}.created_at || 'Z', 'updated_at', {row}.updated_at || 'Z'
        ));
    END
    """  # noqa: S608  # nothing in it comes from outside
    for change, operation, row in (
        ("created", "INSERT", "NEW"),
        ("updated", "UPDATE", "NEW"),
        ("deleted", "DELETE", "OLD"),
    )
)
# The newest 10,000 are kept.
PRUNED = """
    CREATE TRIGGER note_events_pruned AFTER INSERT ON note_events BEGIN
        DELETE FROM note_events WHERE id <= NEW.id - 10000;
    END
    """


def upgrade() -> None:
    op.create_table(
        "note_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("note", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_events")),
        sqlite_autoincrement=True,
    )
    # Every change of a note writes an event, whoever makes it.
    for trigger in (CREATED, UPDATED, DELETED, PRUNED):
        op.execute(trigger)


def downgrade() -> None:
    for trigger in ("notes_created", "notes_updated", "notes_deleted"):
        op.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    op.drop_table("note_events")
