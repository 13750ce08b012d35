"""With SQLite: triggers that outlive their table, and who tells of a change."""

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.test import Client

from notes import services
from realtime import triggers
from realtime.feed import feed
from realtime.models import NoteEvent
from tests.api import JSON


@pytest.mark.django_db
def test_migrate_makes_the_triggers_anew() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER notes_created")
    services.create_note(title="unheard", body="")
    assert not NoteEvent.objects.exists()
    call_command("migrate", verbosity=0)
    services.create_note(title="heard", body="")
    assert [event.note["title"] for event in NoteEvent.objects.all()] == ["heard"]


@pytest.mark.django_db
def test_a_column_may_have_the_name_of_a_keyword() -> None:
    order = models.IntegerField()
    order.set_attributes_from_name("order")
    query = 'SELECT json_object({new}) FROM (SELECT 7 AS "order") AS NEW'
    with connection.cursor() as cursor:
        found = cursor.execute(query.replace("{new}", triggers.values("NEW", [order])))
        assert found.fetchone() == ('{"order":7}',)


@pytest.mark.django_db
def test_requests_that_may_write_wake_the_feed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken = []
    monkeypatch.setattr(feed, "wake", lambda: woken.append(True))
    client.get("/api/notes")
    client.get("/notes/new/")
    assert not woken
    client.post("/api/notes", {"title": "by the API"}, content_type=JSON)
    client.post("/notes/new/", {"title": "by a form"})
    client.post("/admin/login/")
    assert len(woken) == 3
