from django.db import migrations, models


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
        # Its triggers are made after every `migrate`, see triggers.py.
        migrations.RunSQL(
            migrations.RunSQL.noop,
            [
                "DROP TRIGGER IF EXISTS notes_created",
                "DROP TRIGGER IF EXISTS notes_updated",
                "DROP TRIGGER IF EXISTS notes_deleted",
            ],
        ),
    ]
