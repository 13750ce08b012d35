"""create note events

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Whoever changes notes waits here for whoever did so before, until that is committed: so the ids
# of events grow in the order of the commits. It comes before any lock on a row: no deadlock.
LOCK = """
    CREATE FUNCTION lock_note_events() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('note_events'));
        RETURN NULL;
    END
    $$
    """
# Every change of a note writes an event, whoever makes it, with times in UTC. The newest 10,000
# are kept.
RECORD = """
    CREATE FUNCTION record_note_event() RETURNS trigger LANGUAGE plpgsql SET timezone = 'UTC' AS $$
    DECLARE
        event_id bigint;
    BEGIN
        INSERT INTO note_events (change, note)
        VALUES (TG_ARGV[0], CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END)
        RETURNING id INTO event_id;
        DELETE FROM note_events WHERE id <= event_id - 10000;
        PERFORM pg_notify('note_events', '');
        RETURN NULL;
    END
    $$
    """
TRIGGERS = """
    CREATE TRIGGER notes_lock BEFORE INSERT OR UPDATE OR DELETE ON notes
        FOR EACH STATEMENT EXECUTE FUNCTION lock_note_events();
    CREATE TRIGGER notes_created AFTER INSERT ON notes
        FOR EACH ROW EXECUTE FUNCTION record_note_event('created');
    CREATE TRIGGER notes_updated AFTER UPDATE ON notes
        FOR EACH ROW EXECUTE FUNCTION record_note_event('updated');
    CREATE TRIGGER notes_deleted AFTER DELETE ON notes
        FOR EACH ROW EXECUTE FUNCTION record_note_event('deleted');
    """


def upgrade() -> None:
    op.create_table(
        "note_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("note", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_events")),
    )
    op.execute(LOCK)
    op.execute(RECORD)
    op.execute(TRIGGERS)


def downgrade() -> None:
    # The triggers go with their functions.
    op.execute("DROP FUNCTION record_note_event() CASCADE")
    op.execute("DROP FUNCTION lock_note_events() CASCADE")
    op.drop_table("note_events")
