"""A whole run of the process: how it starts, what it logs, and how it ends."""

import json
import re
import select
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from config.base import STATIC_ROOT
from tests import database
from tests.server import ROOT, Server, finish, running

MEBIBYTE = 1024 * 1024


def create(server: Server, title: str) -> int:
    response, body = server.ask("POST", "/api/notes", {"title": title})
    assert response.status == 201, body
    note_id: int = json.loads(body)["id"]
    return note_id


def refuses_connections(server: Server) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
    except OSError:
        return True
    return False


def wait_until_refused(server: Server) -> None:
    deadline = time.monotonic() + 15
    while not refuses_connections(server):
        assert time.monotonic() < deadline, "still takes connections"
        time.sleep(0.05)


def head(length: int | str, *, declared: bool = True) -> bytes:
    size = f"content-length: {length}" if declared else "transfer-encoding: chunked"
    return (
        "POST /api/notes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"{size}\r\n\r\n"
    ).encode()


def test_a_whole_run(database_url: str) -> None:
    with running(DATABASE_URL=database_url) as server:
        response, _ = server.ask(
            "POST", "/api/notes?key=hunter2", {"title": "hunter2"}, x_request_id="mine"
        )
        assert response.status == 422
        assert "server" not in response.headers
        with ThreadPoolExecutor(20) as threads:
            ids = list(threads.map(lambda i: create(server, f"note {i}"), range(100)))
        assert len(set(ids)) == 100
        page, text = server.ask("GET", "/notes/", Accept="text/html")
        assert page.status == 200
        assert "note 99" in text
        (sheet,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', text)
        style, text = server.ask("GET", sheet)
        assert style.status == 200
        assert text == (ROOT / "static" / "site.css").read_text()
        log = server.stop()
    for entry in log:
        assert datetime.fromisoformat(entry["time"]).utcoffset() is not None
        assert entry["level"] in {"debug", "info", "warn", "error"}
        assert entry["msg"]
    assert "hunter2" not in json.dumps(log)
    assert {entry["level"] for entry in log} == {"info"}
    requests = [entry for entry in log if "status" in entry]
    assert len(requests) == 103, "one line per request, and none for /readyz"
    assert len({entry["requestId"] for entry in requests}) == 103
    refused = requests[0]
    assert refused["requestId"] == "mine"
    assert (refused["method"], refused["path"]) == ("POST", "/api/notes")
    assert refused["status"] == 422
    assert 0 <= refused["ms"] < 5000

    # The data is still there for the next process.
    with running(DATABASE_URL=database_url, LOG_LEVEL="debug") as server:
        _, text = server.ask("GET", "/api/notes?limit=100")
        assert [note["id"] for note in json.loads(text)["items"]] == sorted(ids)
        log = server.stop(signal.SIGINT)
    ready = [entry for entry in log if entry.get("path") == "/readyz"]
    assert {entry["level"] for entry in ready} == {"debug"}


def test_requests_in_flight_are_finished(database_url: str) -> None:
    body = json.dumps({"title": "slow"}).encode()
    locked_out = json.dumps({"title": "waits for the lock"}).encode()
    with (
        running(DATABASE_URL=database_url) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=15) as slow,
        socket.create_connection(("127.0.0.1", server.port), timeout=15) as waiting,
    ):
        slow.sendall(head(len(body)) + body[:5])
        with database.locked(database_url):
            waiting.sendall(head(len(locked_out)) + locked_out)
            server.ask("GET", "/healthz")  # once that is answered, what came before has begun
            server.process.send_signal(signal.SIGTERM)
            wait_until_refused(server)
            assert not select.select([waiting], [], [], 0)[0], "is answered already"
        assert waiting.makefile("rb").readline() == b"HTTP/1.1 201 Created\r\n"
        slow.sendall(body[5:])
        assert slow.makefile("rb").readline() == b"HTTP/1.1 201 Created\r\n"
        server.wait()
    titles = database.execute(database_url, "SELECT title FROM notes ORDER BY id")
    assert titles == [("waits for the lock",), ("slow",)]


def test_a_locked_database(database_url: str) -> None:
    with running(DATABASE_URL=database_url) as server:
        with database.locked(database_url):
            started = time.monotonic()
            response, _ = server.ask("POST", "/api/notes", {"title": "hunter2"})
            assert 1 < time.monotonic() - started < 15, "waits for the lock, but not for long"
            assert response.status == 503
            assert response.headers["Content-Type"] == "application/problem+json"
            assert int(response.headers["Retry-After"]) > 0
            assert server.ask("GET", "/healthz")[0].status == 200
        create(server, "after the lock")
        log = server.stop()
    assert "the database is away" in json.dumps(log)
    assert "hunter2" not in json.dumps(log)
    assert len(database.execute(database_url, "SELECT id FROM notes")) == 1


def test_a_client_that_only_listens_any_more_is_answered(database_url: str) -> None:
    body = json.dumps({"title": "last words"}).encode()
    with (
        running(DATABASE_URL=database_url) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=15) as client,
    ):
        with database.locked(database_url):
            client.sendall(head(len(body)) + body)
            client.shutdown(socket.SHUT_WR)
            server.ask("GET", "/healthz")  # the service knows by now, and still waits
        answer = client.makefile("rb").read()  # up to the end: the service closes too
        assert answer.startswith(b"HTTP/1.1 201 Created\r\n")
        server.stop()


def test_a_body_that_is_too_long_is_not_read_to_its_end(database_url: str) -> None:
    with running(DATABASE_URL=database_url) as server:

        def answer(*pieces: bytes) -> bytes:
            address = ("127.0.0.1", server.port)
            with socket.create_connection(address, timeout=10) as client:
                for piece in pieces:
                    client.sendall(piece)
                return client.makefile("rb").readline()

        too_large = b"HTTP/1.1 413"
        assert answer(head(10 * 1024 * MEBIBYTE)).startswith(too_large)
        assert answer(head(MEBIBYTE + 1), b"x" * (MEBIBYTE + 1)).startswith(too_large)
        chunk = b"%x\r\n%s\r\n" % (MEBIBYTE + 1, b"x" * (MEBIBYTE + 1))
        assert answer(head("", declared=False), chunk).startswith(too_large)
        assert answer(b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")
        log = server.stop()
    requests = [entry["status"] for entry in log if "status" in entry]
    assert requests == [413, 413, 413]


def test_the_service_outlives_the_reader_of_its_log(database_url: str) -> None:
    with running(DATABASE_URL=database_url) as server:
        out, err = server.process.stdout, server.process.stderr
        assert out
        assert err
        out.close()
        for i in range(3):
            create(server, f"note {i}")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=10) == 0
        assert err.read() == ""
        err.close()


def test_https_alone(database_url: str) -> None:
    with running("/healthz", DATABASE_URL=database_url, HTTPS="") as server:
        response, _ = server.ask("GET", "/notes/new/")
        assert response.status == 301
        assert response.headers["Location"] == f"https://127.0.0.1:{server.port}/notes/new/"
        response, _ = server.ask("GET", "/notes/new/", x_forwarded_proto="https")
        assert response.status == 200
        assert "Secure" in response.headers["Set-Cookie"]
        assert response.headers["Strict-Transport-Security"]
        server.stop()


@pytest.mark.parametrize("url", ["", "nonsense"])
def test_a_wrong_setting_stops_the_process(url: str) -> None:
    status, out, err = finish("-m", "config.serve", DATABASE_URL=url, PORT="0")
    assert (status, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert "DATABASE_URL" in err
    assert "PORT" in err


def test_nothing_starts_without_its_static_files(database_url: str) -> None:
    manifest = STATIC_ROOT / "staticfiles.json"
    aside = manifest.rename(manifest.with_suffix(".aside"))
    try:
        status, out, err = finish("-m", "config.serve", DATABASE_URL=database_url)
    finally:
        aside.rename(manifest)
    assert (status, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert "collectstatic" in err
