"""Seeding adds a few notes, and none when run again."""

import pytest
from django.core.management import call_command

from notes.models import Note


@pytest.mark.django_db
def test_seed_twice(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed")
    notes = list(Note.objects.all())
    assert notes
    call_command("seed")
    assert list(Note.objects.all()) == notes
    assert capsys.readouterr().out == f"Added {len(notes)} notes.\nThere are notes already.\n"
