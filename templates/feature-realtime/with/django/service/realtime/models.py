from django.db import models


class NoteEvent(models.Model):
    """A change of a note. Triggers in the database write them, and nobody else does."""

    change = models.CharField(max_length=7)  # created, updated or deleted
    note = models.JSONField()  # the row, by the names of its columns

    class Meta:
        db_table = "note_events"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.pk} {self.change}"
