"""A whole run of the process: how it starts, what it logs, and how it ends."""

import json
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from tests import database
from tests.server import Server, running, start


def create(server: Server, title: str) -> int:
    response = server.http.post("/api/notes", json={"title": title})
    assert response.status_code == 201, response.text
    note_id: int = response.json()["id"]
    return note_id


def refuses_connections(server: Server) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
    except OSError:
        return True
    return False


def wait_until_refused(server: Server) -> None:
    deadline = time.monotonic() + 5
    while not refuses_connections(server):
        assert time.monotonic() < deadline, "still takes connections"
        time.sleep(0.05)


def test_a_whole_run(database_url: str) -> None:
    with running(DATABASE_URL=database_url) as server:
        response = server.http.post(
            "/api/notes?key=hunter2", json={"title": "hunter2"}, headers={"x-request-id": "mine"}
        )
        assert response.status_code == 422
        assert "server" not in response.headers
        with ThreadPoolExecutor(20) as threads:
            ids = list(threads.map(lambda i: create(server, f"note {i}"), range(100)))
        assert len(set(ids)) == 100
        log = server.stop()
    for entry in log:
        assert datetime.fromisoformat(entry["time"]).utcoffset() is not None
        assert entry["level"] in {"debug", "info", "warn", "error"}
        assert entry["msg"]
    assert "hunter2" not in json.dumps(log)
    assert {entry["level"] for entry in log} == {"info"}
    requests = [entry for entry in log if "status" in entry]
    assert len(requests) == 101, "one line per request, and none for /readyz"
    assert len({entry["requestId"] for entry in requests}) == 101
    fields = {"time", "level", "msg", "logger", "requestId", "method", "path", "status", "ms"}
    assert all(entry.keys() == fields for entry in requests), "nothing else that clients send"
    refused = requests[0]
    assert refused["requestId"] == "mine"
    assert (refused["method"], refused["path"]) == ("POST", "/api/notes")
    assert refused["status"] == 422
    assert 0 <= refused["ms"] < 5000

    # The data is still there for the next process.
    with running(DATABASE_URL=database_url, LOG_LEVEL="debug") as server:
        page = server.http.get("/api/notes", params={"limit": 100}).json()
        assert [note["id"] for note in page["items"]] == sorted(ids)
        log = server.stop(signal.SIGINT)
    ready = [entry for entry in log if entry.get("path") == "/readyz"]
    assert {entry["level"] for entry in ready} == {"debug"}


def test_requests_in_flight_are_finished(database_url: str) -> None:
    body = json.dumps({"title": "slow"}).encode()
    head = (
        "POST /api/notes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    with (
        running(DATABASE_URL=database_url) as server,
        ThreadPoolExecutor() as threads,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as slow,
    ):
        slow.sendall(head.encode() + body[:5])
        with database.locked(database_url):
            waiting = threads.submit(create, server, "waits for the lock")
            time.sleep(0.8)  # long enough to get as far as the lock
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)  # and for the signal
            assert not waiting.done()
        assert waiting.result(timeout=10)
        wait_until_refused(server)
        slow.sendall(body[5:])
        assert slow.makefile("rb").readline() == b"HTTP/1.1 201 Created\r\n"
        server.wait()
    titles = database.execute(database_url, "SELECT title FROM notes ORDER BY id")
    assert titles == [("waits for the lock",), ("slow",)]


def test_a_client_that_only_listens_any_more_is_answered(database_url: str) -> None:
    body = json.dumps({"title": "last words"}).encode()
    head = (
        "POST /api/notes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    with (
        running(DATABASE_URL=database_url) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as client,
    ):
        with database.locked(database_url):
            client.sendall(head.encode() + body)
            client.shutdown(socket.SHUT_WR)
            time.sleep(0.5)  # the service knows by now, and still waits for the lock
        answer = client.makefile("rb").read()  # up to the end: the service closes too
        assert answer.startswith(b"HTTP/1.1 201 Created\r\n")
        server.stop()


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


@pytest.mark.parametrize("url", ["", "nonsense"])
def test_a_wrong_setting_stops_the_process(url: str) -> None:
    with start(DATABASE_URL=url, PORT="0", LOG_LEVEL="info") as process:
        try:
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 1
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "DATABASE_URL" in err
    assert "PORT" in err
