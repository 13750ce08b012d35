from django.db import models
from django.urls import reverse
from django.utils import timezone

MAX_TITLE = 200
MAX_BODY = 100_000


class Note(models.Model):
    """Its dates are set by `notes.services`, which makes a new note's two the same."""

    title = models.CharField(max_length=MAX_TITLE)
    body = models.TextField(max_length=MAX_BODY, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "notes"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("notes:detail", args=[self.pk])
