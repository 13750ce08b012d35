"""The words of a note, over HTTP."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.words.counting import TooBusyError, WordCounter


def create(client: FlaskClient, body: str) -> str:
    note: dict[str, Any] = client.post("/api/notes", json={"title": "x", "body": body}).get_json()
    return f"/api/notes/{note['id']}/words"


def test_are_counted(client: FlaskClient) -> None:
    response = client.get(create(client, "two one two"))
    assert response.status_code == 200
    assert response.get_json() == {
        "words": [{"word": "two", "count": 2}, {"word": "one", "count": 1}]
    }
    assert client.get(create(client, "")).get_json() == {"words": []}


def test_of_a_note_that_is_there(client: FlaskClient) -> None:
    path = create(client, "")
    assert client.get("/api/notes/999999999/words").status_code == 404
    for wrong in ("/api/notes/0/words", "/api/notes/x/words", f"{path}?top=3"):
        assert client.get(wrong).status_code == 422
    assert client.post(path, json={}).status_code == 405


def test_too_busy(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise TooBusyError

    monkeypatch.setattr(WordCounter, "count", refuse)
    response = client.get(create(client, ""))
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["retry-after"]) > 0
