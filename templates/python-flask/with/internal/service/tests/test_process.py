"""A whole run of the process: how it starts, what it logs, and how it ends."""

import json
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from tests.models import examples
from tests.server import Answer, Server, running, start

BODY = {"inputs": [examples()[0].features.model_dump(by_alias=True)]}
TRACE = "0af7651916cd43dd8448eb211c80319c"


def ask(server: Server) -> Answer:
    return server.ask("POST", "/v1/predict", BODY, x_deadline_ms="10000")


def head(body: bytes) -> bytes:
    return (
        "POST /v1/predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    ).encode()


def wait_until_refused(server: Server) -> None:
    deadline = time.monotonic() + 5
    while True:
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
        except OSError:
            return
        assert time.monotonic() < deadline, "still takes connections"
        time.sleep(0.05)


def test_a_whole_run() -> None:
    with running(PREDICTION_TIMEOUT_MS="10000") as server:
        sent = {"x_request_id": "mine", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
        answer = server.ask("POST", "/v1/predict?key=hunter2", ["hunter2"], **sent)
        assert answer.status == 422
        with ThreadPoolExecutor(10) as threads:
            answers = list(threads.map(lambda _: ask(server), range(50)))
        assert {answer.status for answer in answers} == {200}
        log = server.stop()
    for entry in log:
        assert datetime.fromisoformat(entry["time"]).utcoffset() is not None
        assert entry["msg"]
    assert "hunter2" not in json.dumps(log)
    assert {entry["level"] for entry in log} == {"info"}
    refused, *requests = [entry for entry in log if "status" in entry]
    assert len(requests) == 50, "one line per request, and none for /readyz"
    assert len({entry["requestId"] for entry in requests}) == 50
    fields = {"time", "level", "msg", "logger", "requestId", "method", "path", "status", "ms"}
    assert all(entry.keys() == fields for entry in requests), "nothing else that clients send"
    assert refused.keys() == fields | {"traceId"}
    assert (refused["requestId"], refused["traceId"]) == ("mine", TRACE)
    assert (refused["method"], refused["path"]) == ("POST", "/v1/predict")
    assert refused["status"] == 422


def test_requests_in_flight_are_finished() -> None:
    body = json.dumps(BODY).encode()
    with (
        running() as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as slow,
    ):
        slow.sendall(head(body) + body[:5])
        time.sleep(0.5)  # long enough to be seen
        server.send_signal(signal.SIGTERM)
        wait_until_refused(server)
        slow.sendall(body[5:])
        assert slow.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"
        server.wait()


def test_a_client_that_only_listens_any_more_is_answered() -> None:
    body = json.dumps(BODY).encode()
    with (
        running() as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as client,
    ):
        client.sendall(head(body) + body)
        client.shutdown(socket.SHUT_WR)
        answer = client.makefile("rb").read()  # up to the end: the service closes too
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        server.stop(signal.SIGINT)


def test_the_service_outlives_the_reader_of_its_log() -> None:
    with running() as server:
        out, err = server.process.stdout, server.process.stderr
        assert out
        assert err
        out.close()
        for _ in range(3):
            assert ask(server).status == 200
        server.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=10) == 0
        assert err.read() == ""
        err.close()


def test_without_a_model_it_stays_and_says_so(tmp_path: Path) -> None:
    with running("/healthz", MODEL_DIR=str(tmp_path)) as server:
        deadline = time.monotonic() + 10
        while (checks := server.ask("GET", "/readyz").json["checks"])["model"] == "loading":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert checks == {"model": "failed: there is no trained model; train one"}
        assert ask(server).status == 503
        log = server.stop()
    assert [entry["level"] for entry in log].count("error") == 1


def test_a_wrong_setting_stops_the_process() -> None:
    with start(PREDICTION_SLOTS="none", PORT="0", LOG_LEVEL="info") as process:
        try:
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 1
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "PREDICTION_SLOTS" in err
    assert "PORT" in err
