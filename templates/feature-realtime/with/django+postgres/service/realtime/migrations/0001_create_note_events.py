from django.db import migrations, models

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
    CREATE FUNCTION record_note_event() RETURNS trigger
    LANGUAGE plpgsql SET timezone = 'UTC' AS $$
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


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("notes", "0001_create_notes"),
    ]

    operations = [
        migrations.CreateModel(
            name="NoteEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("change", models.CharField(max_length=7)),
                ("note", models.JSONField()),
            ],
            options={
                "db_table": "note_events",
                "default_permissions": (),
            },
        ),
        # The triggers go with their functions.
        migrations.RunSQL([LOCK], "DROP FUNCTION lock_note_events() CASCADE"),
        migrations.RunSQL([RECORD], "DROP FUNCTION record_note_event() CASCADE"),
        migrations.RunSQL([TRIGGERS], migrations.RunSQL.noop),
    ]
