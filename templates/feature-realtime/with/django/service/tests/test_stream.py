"""The stream of changes: everything, once, in order, and from where a client wants it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db.models import F
from django.test import Client

from notes import services
from realtime import events
from realtime.models import NoteEvent
from realtime.streams import EventStream
from tests import database, live
from tests.api import check_fields
from tests.server import Server, running


@pytest.fixture(scope="module")
def server(migrated: str) -> Generator[Server]:
    with running(DATABASE_URL=migrated, HEARTBEAT_SECONDS="1") as server:
        yield server
        server.stop()


def test_a_change_comes_with_the_note_as_it_is_read(server: Server) -> None:
    with live.stream(server) as stream:
        headers = stream.response.headers
        assert headers["Content-Type"] == "text/event-stream"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Accel-Buffering"] == "no"
        ready = stream.next()
        assert (ready.name, json.loads(ready.data)) == ("ready", {"id": ready.id})
        path = f"/api/notes/{live.create(server, 'ä', 'line\n\u2028😀')['id']}"
        reads = [server.ask("GET", path)[1], server.ask("PATCH", path, {"title": "b"})[1]]
        assert server.ask("PATCH", path, {})[1] == reads[1]
        server.ask("DELETE", path)
        found = [stream.next() for _ in range(3)]
    assert [event.name for event in found] == ["created", "updated", "deleted"]
    assert [event.id for event in found] == sorted({event.id for event in found})
    assert found[0].id > ready.id
    for event, read in zip(found, [*reads, reads[1]], strict=True):
        assert event.note == json.loads(read)
        assert event.data == f'{{"id": {event.id}, "change": "{event.name}", "note": {read}}}'


def test_a_form_is_heard_too(server: Server) -> None:
    with live.stream(server) as stream:
        stream.next()
        page, _ = server.ask("GET", "/notes/new/")
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        form = {"title": "by form", "csrfmiddlewaretoken": cookie.partition("=")[2]}
        with closing(HTTPConnection("127.0.0.1", server.port, timeout=15)) as connection:
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
            connection.request("POST", "/notes/new/", urlencode(form), headers)
            assert connection.getresponse().status == 302
        assert stream.titles(1) == ["by form"]


def test_every_watcher_gets_everything_in_order(server: Server) -> None:
    with live.stream(server) as first, live.stream(server) as second:
        start = first.next().id
        assert second.next().id == start
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda i: live.create(server, f"{i}"), range(100)))
        seen = [first.next() for _ in range(100)]
        assert sorted(int(event.note["title"]) for event in seen) == list(range(100))
        assert [event.id for event in seen] == sorted({event.id for event in seen})
        assert [second.next() for _ in range(100)] == seen
        with live.stream(server, seen[39].id) as third:
            assert third.next() == (seen[39].id, "ready", f'{{"id":{seen[39].id}}}')
            assert [third.next() for _ in range(60)] == seen[40:]
            live.create(server, "after that")
            assert third.titles(1) == ["after that"]


def test_what_cannot_be_resumed_begins_anew(server: Server) -> None:
    with live.stream(server, 2**53 - 1) as stream:
        reset = stream.next()
        assert (reset.name, json.loads(reset.data)) == ("reset", {"id": reset.id})
        live.create(server, "after the reset")
        assert stream.titles(1) == ["after the reset"]


def test_it_shows_that_it_lives(server: Server) -> None:
    with live.stream(server) as stream:
        stream.next()
        assert [stream.line() for _ in range(4)] == [": ping\n", "\n"] * 2


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["-1", "1.0", "x", "0x1", "9007199254740992", "1" * 5000])
def test_a_wrong_id_is_refused(client: Client, value: str) -> None:
    check_fields(client.get(live.EVENTS, headers={"last-event-id": value}), "Last-Event-ID")


@pytest.mark.django_db
def test_other_requests_are_answered(client: Client) -> None:
    check_fields(client.get(live.EVENTS, {"after": "1"}), "after")
    for method in ("HEAD", "POST", "PATCH", "DELETE"):
        assert client.generic(method, live.EVENTS).status_code == 405


def test_no_stream_begins_without_the_database(tmp_path: Path) -> None:
    with running("/healthz", DATABASE_URL=database.away(tmp_path)) as server:
        response, body = server.ask("GET", live.EVENTS)
        assert (response.status, json.loads(body)["status"]) == (503, 503)
        server.stop()


def test_a_stream_that_is_cut_off_ends_its_events() -> None:
    ended = []

    async def events() -> AsyncGenerator[str]:
        try:
            yield ": ping\n\n"
        finally:
            ended.append(True)

    async def cut_off() -> None:
        response = EventStream(events())
        async with aclosing(aiter(response)) as pieces:
            assert await anext(pieces) == b": ping\n\n"
        assert ended

    asyncio.run(cut_off())


@pytest.mark.django_db
def test_the_newest_events_are_kept() -> None:
    services.create_note(title="old", body="")
    NoteEvent.objects.update(id=F("id") - 10_000)
    services.create_note(title="new", body="")
    assert [event.note["title"] for event in NoteEvent.objects.all()] == ["new"]


@pytest.mark.django_db
def test_an_event_of_an_unreadable_note_holds_up_no_other() -> None:
    note = services.create_note(title="readable", body="")
    row = NoteEvent.objects.get().note
    NoteEvent.objects.update(note={**row, "created_at": "never"})
    services.delete_note(note.pk)
    page = events.page(0)
    assert [event.id for event in page.events] == [page.last]


@pytest.mark.django_db
def test_a_page_says_whether_events_before_it_are_gone() -> None:
    for number in range(3):
        services.create_note(title=f"{number}", body="")
    first, second, third = NoteEvent.objects.order_by("pk")
    NoteEvent.objects.filter(pk=first.pk).delete()
    assert [event.id for event in events.page(first.pk).events] == [second.pk, third.pk]
    assert [events.page(event.pk).is_behind for event in (first, second, third)] == [False] * 3
    assert events.page(first.pk - 1).is_behind
