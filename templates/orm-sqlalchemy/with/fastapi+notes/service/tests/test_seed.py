"""The examples, added once."""

import asyncio

from fastapi.testclient import TestClient

from app.seed import NOTES, seed
from app.settings import Settings


def test_seeding_twice_adds_once(client: TestClient, settings: Settings) -> None:
    assert asyncio.run(seed(settings)) == len(NOTES)
    assert asyncio.run(seed(settings)) == 0
    titles = [note["title"] for note in client.get("/api/notes").json()["items"]]
    assert titles == [note.title for note in NOTES]
