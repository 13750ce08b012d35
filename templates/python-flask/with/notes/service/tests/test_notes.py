"""The notes themselves. tests/test_errors.py has what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient


def create(client: FlaskClient, **fields: str) -> dict[str, Any]:
    response = client.post("/api/notes", json={"title": "a title", **fields})
    assert response.status_code == 201
    note: dict[str, Any] = response.get_json()
    return note


def test_create(client: FlaskClient) -> None:
    response = client.post("/api/notes", json={"title": "Milk", "body": "two litres"})
    note = response.get_json()
    assert response.status_code == 201
    assert response.headers["content-type"] == "application/json"
    assert response.headers["location"] == f"/api/notes/{note['id']}"
    assert list(note) == ["id", "title", "body", "createdAt", "updatedAt"]
    assert type(note["id"]) is int
    assert (note["title"], note["body"]) == ("Milk", "two litres")
    assert note["createdAt"] == note["updatedAt"]
    assert note["createdAt"].endswith("Z")
    age = datetime.now(UTC) - datetime.fromisoformat(note["createdAt"])
    assert abs(age) < timedelta(minutes=1)


def test_read(client: FlaskClient) -> None:
    note = create(client, body="two litres")
    create(client, title="another")
    response = client.get(f"/api/notes/{note['id']}")
    assert response.status_code == 200
    assert response.get_json() == note


def test_the_body_is_optional(client: FlaskClient) -> None:
    assert create(client)["body"] == ""


@pytest.mark.parametrize(
    "text",
    ["ä€😀 \u202e", "line\nline\t\r\n", "'; DROP TABLE notes; --", "<b>&amp;", " spaces ", "\x7f"],
)
def test_text_comes_back_as_it_was(client: FlaskClient, text: str) -> None:
    note = create(client, title=text, body=text)
    assert client.get(f"/api/notes/{note['id']}").get_json() == note
    assert (note["title"], note["body"]) == (text, text)


def test_the_longest_texts(client: FlaskClient) -> None:
    note = create(client, title="😀" * 200, body="é" * 100_000)
    assert client.get(f"/api/notes/{note['id']}").get_json() == note
    assert client.patch(f"/api/notes/{note['id']}", json={"title": "x" * 200}).status_code == 200


def test_list_in_pages_by_id(client: FlaskClient) -> None:
    assert client.get("/api/notes").get_json() == {"items": [], "next": None}
    notes = [create(client, title=f"note {i}") for i in range(5)]
    client.patch(f"/api/notes/{notes[0]['id']}", json={"body": "changed, but still the first"})
    notes[0] = client.get(f"/api/notes/{notes[0]['id']}").get_json()
    assert [note["id"] for note in notes] == sorted(note["id"] for note in notes)

    first = client.get("/api/notes", query_string={"limit": 2}).get_json()
    assert first == {"items": notes[:2], "next": notes[1]["id"]}
    second = client.get("/api/notes", query_string={"limit": 2, "after": first["next"]}).get_json()
    assert second == {"items": notes[2:4], "next": notes[3]["id"]}
    last = client.get("/api/notes", query_string={"limit": 2, "after": second["next"]}).get_json()
    assert last == {"items": notes[4:], "next": None}

    whole = client.get("/api/notes", query_string={"limit": 5}).get_json()
    assert whole == {"items": notes, "next": None}
    assert client.get("/api/notes", query_string={"after": 2**53 - 1}).get_json()["items"] == []


def test_a_page_has_20_notes_unless_asked(client: FlaskClient) -> None:
    notes = [create(client) for _ in range(21)]
    page = client.get("/api/notes").get_json()
    assert page == {"items": notes[:20], "next": notes[19]["id"]}
    assert client.get("/api/notes", query_string={"limit": 100}).get_json()["items"] == notes


@pytest.mark.parametrize(
    "change", [{"title": "new"}, {"body": "new"}, {"body": ""}, {"title": "new", "body": "new"}]
)
def test_change_only_what_is_sent(client: FlaskClient, change: dict[str, str]) -> None:
    note = create(client, title="old", body="old")
    other = create(client, title="other")
    response = client.patch(f"/api/notes/{note['id']}", json=change)
    changed = response.get_json()
    assert response.status_code == 200
    assert changed == {**note, **change, "updatedAt": changed["updatedAt"]}
    assert changed["updatedAt"].endswith("Z")
    assert datetime.fromisoformat(changed["updatedAt"]) > datetime.fromisoformat(note["updatedAt"])
    assert client.get(f"/api/notes/{note['id']}").get_json() == changed
    assert client.get(f"/api/notes/{other['id']}").get_json() == other


def test_an_empty_change_changes_nothing(client: FlaskClient) -> None:
    note = create(client)
    response = client.patch(f"/api/notes/{note['id']}", json={})
    assert (response.status_code, response.get_json()) == (200, note)


def test_delete(client: FlaskClient) -> None:
    kept, note = create(client), create(client)
    response = client.delete(f"/api/notes/{note['id']}")
    assert (response.status_code, response.data) == (204, b"")
    assert "content-type" not in response.headers
    assert client.get(f"/api/notes/{note['id']}").status_code == 404
    assert client.get("/api/notes").get_json()["items"] == [kept]
    assert create(client)["id"] > note["id"], "an id is never used again"
