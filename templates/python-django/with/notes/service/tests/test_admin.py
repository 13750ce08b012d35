"""The admin: only for staff, and it writes by the same services as everything else."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from notes import services
from notes.models import Note

pytestmark = pytest.mark.django_db


def test_only_for_staff(client: Client) -> None:
    response = client.get("/admin/notes/note/")
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


def test_its_pages_load_from_here_alone(admin_client: Client) -> None:
    note = services.create_note(title="Milk", body="two litres")
    for path in ("", "notes/note/", "notes/note/add/", f"notes/note/{note.pk}/change/"):
        page = admin_client.get(f"/admin/{path}")
        assert page.status_code == 200
        for address in re.findall(r'<(?:script|link|img)[^>]* (?:src|href)="([^"]+)"', page.text):
            asset = admin_client.get(address)
            assert asset.status_code == 200, address
            assert asset.getvalue()


def test_add_find_change_delete(admin_client: Client) -> None:
    added = admin_client.post("/admin/notes/note/add/", {"title": "Milk", "body": "a\r\nb"})
    assert added.status_code == 302
    note = Note.objects.get()
    assert (note.title, note.body) == ("Milk", "a\nb")
    assert note.created_at == note.updated_at

    assert "Milk" in admin_client.get("/admin/notes/note/", {"q": "milk"}).text
    assert "0 notes" in admin_client.get("/admin/notes/note/", {"q": "bread"}).text

    path = f"/admin/notes/note/{note.pk}"
    changed = admin_client.post(f"{path}/change/", {"title": "Bread", "body": ""})
    assert changed.status_code == 302
    after = Note.objects.get()
    assert after.title == "Bread"
    assert after.updated_at > note.updated_at

    assert admin_client.post(f"{path}/delete/", {"post": "yes"}).status_code == 302
    assert not Note.objects.exists()
    assert [entry.object_repr for entry in LogEntry.objects.order_by("pk")] == [
        "Milk",
        "Bread",
        "Bread",
    ]


def test_delete_many(admin_client: Client) -> None:
    notes = [services.create_note(title=f"note {i}", body="") for i in range(3)]
    chosen = {"action": "delete_selected", "_selected_action": [note.pk for note in notes[:2]]}
    assert admin_client.post("/admin/notes/note/", {**chosen, "post": "yes"}).status_code == 302
    assert list(Note.objects.all()) == notes[2:]
