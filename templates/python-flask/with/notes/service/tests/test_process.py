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
    response = server.ask("POST", "/api/notes", {"title": title})
    assert response.status == 201, response.content
    note_id: int = response.json["id"]
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
        response = server.ask(
            "POST", "/api/notes?key=hunter2", {"title": "hunter2"}, x_request_id="mine"
        )
        assert response.status == 422
        assert response.headers["server"] == "gunicorn"
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
        page = server.ask("GET", "/api/notes?limit=100").json
        assert [note["id"] for note in page["items"]] == sorted(ids)
        log = server.stop(signal.SIGINT)
    ready = [entry for entry in log if entry.get("path") == "/readyz"]
    assert {entry["level"] for entry in ready} == {"debug"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_requests_in_flight_are_finished(database_url: str, number: signal.Signals) -> None:
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
            server.send_signal(number)
            time.sleep(0.5)  # and for the signal
            assert not waiting.done()
        assert waiting.result(timeout=10)
        wait_until_refused(server)
        slow.sendall(body[5:])
        assert slow.makefile("rb").readline().startswith(b"HTTP/1.1 201 ")
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
        running(DATABASE_URL=database_url, LOG_LEVEL="warn") as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as client,
    ):
        with database.locked(database_url):
            client.sendall(head.encode() + body)
            client.shutdown(socket.SHUT_WR)
            time.sleep(0.5)  # the service knows by now, and still waits for the lock
        answer = client.makefile("rb").read()  # up to the end: the service closes too
        assert answer.startswith(b"HTTP/1.1 201 ")
        assert server.stop() == [], "there was nothing to warn of"


def test_what_is_no_http_gets_a_problem_and_is_no_fault_of_ours(database_url: str) -> None:
    post = (
        b"POST /api/notes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        b"transfer-encoding: chunked\r\n\r\n"
    )
    with running(DATABASE_URL=database_url) as server:
        for sent in (
            b"nonsense\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET /?key=hunter2 HTTP\r\n\r\n",
            b"GET /a b HTTP/1.1\r\n\r\n",
            post + b'5\r\n{"tit\r\nx\r\n',
            post + b"zz\r\n{}\r\n0\r\n\r\n",
            post + b'5\r\n{"tit',
        ):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
                client.sendall(sent)
                client.shutdown(socket.SHUT_WR)
                head, _, body = client.makefile("rb").read().partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 400 "), sent
            assert b"\r\nContent-Type: application/problem+json\r\n" in head
            assert b"\r\nX-Request-Id: " in head
            assert json.loads(body)["status"] == 400
        log = server.stop()
    assert "hunter2" not in json.dumps(log)
    assert {entry["level"] for entry in log} == {"info"}


def test_the_service_outlives_the_reader_of_its_log(database_url: str) -> None:
    with running(DATABASE_URL=database_url) as server:
        out, err = server.process.stdout, server.process.stderr
        assert out
        assert err
        out.close()
        for i in range(3):
            create(server, f"note {i}")
        server.send_signal(signal.SIGTERM)
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
