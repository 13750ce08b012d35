"""The notes by the API. tests/test_errors.py has what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.api import JSON

pytestmark = pytest.mark.django_db


def create(client: Client, **fields: str) -> dict[str, Any]:
    response = client.post("/api/notes", {"title": "a title", **fields}, content_type=JSON)
    assert response.status_code == 201, response.text
    note: dict[str, Any] = response.json()
    return note


def test_create(client: Client) -> None:
    response = client.post("/api/notes", {"title": "Milk", "body": "two litres"}, content_type=JSON)
    note = response.json()
    assert response.status_code == 201
    assert response["Content-Type"].startswith("application/json")
    assert response["Location"] == f"/api/notes/{note['id']}"
    assert list(note) == ["id", "title", "body", "createdAt", "updatedAt"]
    assert type(note["id"]) is int
    assert (note["title"], note["body"]) == ("Milk", "two litres")
    assert note["createdAt"] == note["updatedAt"]
    assert note["createdAt"].endswith("Z")
    age = datetime.now(UTC) - datetime.fromisoformat(note["createdAt"])
    assert abs(age) < timedelta(minutes=1)


def test_read(client: Client) -> None:
    note = create(client, body="two litres")
    create(client, title="another")
    response = client.get(f"/api/notes/{note['id']}")
    assert response.status_code == 200
    assert response.json() == note


def test_the_body_is_optional(client: Client) -> None:
    assert create(client)["body"] == ""


@pytest.mark.parametrize(
    "text",
    ["ä€😀 \u202e", "line\nline\t\r\n", "'; DROP TABLE notes; --", "<b>&amp;", " spaces ", "\x7f"],
)
def test_text_comes_back_as_it_was(client: Client, text: str) -> None:
    note = create(client, title=text, body=text)
    assert client.get(f"/api/notes/{note['id']}").json() == note
    assert (note["title"], note["body"]) == (text, text)


def test_the_longest_texts(client: Client) -> None:
    note = create(client, title="😀" * 200, body="é" * 100_000)
    path = f"/api/notes/{note['id']}"
    assert client.get(path).json() == note
    assert client.patch(path, {"title": "x" * 200}, content_type=JSON).status_code == 200


def test_list_in_pages_by_id(client: Client) -> None:
    assert client.get("/api/notes").json() == {"items": [], "next": None}
    notes = [create(client, title=f"note {i}") for i in range(5)]
    path = f"/api/notes/{notes[0]['id']}"
    client.patch(path, {"body": "changed, but still the first"}, content_type=JSON)
    notes[0] = client.get(path).json()
    assert [note["id"] for note in notes] == sorted(note["id"] for note in notes)

    first = client.get("/api/notes", {"limit": 2}).json()
    assert first == {"items": notes[:2], "next": notes[1]["id"]}
    second = client.get("/api/notes", {"limit": 2, "after": first["next"]}).json()
    assert second == {"items": notes[2:4], "next": notes[3]["id"]}
    last = client.get("/api/notes", {"limit": 2, "after": second["next"]}).json()
    assert last == {"items": notes[4:], "next": None}

    whole = client.get("/api/notes", {"limit": 5}).json()
    assert whole == {"items": notes, "next": None}
    assert client.get("/api/notes", {"after": 2**53 - 1}).json()["items"] == []


def test_a_page_has_20_notes_unless_asked(client: Client) -> None:
    notes = [create(client) for _ in range(21)]
    page = client.get("/api/notes").json()
    assert page == {"items": notes[:20], "next": notes[19]["id"]}
    assert client.get("/api/notes", {"limit": 100}).json()["items"] == notes


@pytest.mark.parametrize(
    "change", [{"title": "new"}, {"body": "new"}, {"body": ""}, {"title": "new", "body": "new"}]
)
def test_change_only_what_is_sent(client: Client, change: dict[str, str]) -> None:
    note = create(client, title="old", body="old")
    other = create(client, title="other")
    path = f"/api/notes/{note['id']}"
    response = client.patch(path, change, content_type=JSON)
    changed = response.json()
    assert response.status_code == 200
    assert changed == {**note, **change, "updatedAt": changed["updatedAt"]}
    assert changed["updatedAt"].endswith("Z")
    assert datetime.fromisoformat(changed["updatedAt"]) > datetime.fromisoformat(note["updatedAt"])
    assert client.get(path).json() == changed
    assert client.get(f"/api/notes/{other['id']}").json() == other


def test_an_empty_change_changes_nothing(client: Client) -> None:
    note = create(client)
    response = client.patch(f"/api/notes/{note['id']}", {}, content_type=JSON)
    assert (response.status_code, response.json()) == (200, note)


def test_delete(client: Client) -> None:
    kept, note = create(client), create(client)
    response = client.delete(f"/api/notes/{note['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/api/notes/{note['id']}").status_code == 404
    assert client.get("/api/notes").json()["items"] == [kept]
    assert create(client)["id"] > note["id"], "an id is never used again"
