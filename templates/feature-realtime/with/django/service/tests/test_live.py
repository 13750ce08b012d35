"""The page, and how streams and WebSockets end: with the service, or because nobody reads."""

import json
import re
import signal
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from socket import SO_RCVBUF, SOL_SOCKET
from socket import socket as connection

import pytest
from django.test import Client
from websockets.exceptions import ConnectionClosed

from tests import live
from tests.server import Server, running

LONG = "é" * 100_000
END = b"0\r\n\r\n"  # of a response in pieces


@pytest.mark.django_db
def test_the_page_loads_from_here_alone(browser: Client) -> None:
    page = browser.get("/live")
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert page["Content-Security-Policy"].startswith("default-src 'self'")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>", page.text)
    kinds = {"/live.js": "text/javascript", "/live.css": "text/css"}
    assert set(re.findall(r'(?:src|href)="([^":]+)"', page.text)) == set(kinds)
    for path, kind in kinds.items():
        asset = browser.get(path)
        assert asset["Content-Type"].startswith(kind)
        assert asset.getvalue()
    assert 'href="/live"' in browser.get("/notes/").text


@contextmanager
def deaf(server: Server) -> Generator[connection]:
    """A connection whose client has hardly any room for what it does not read."""
    with connection() as client:
        client.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
        client.settimeout(15)
        client.connect(("127.0.0.1", server.port))
        yield client


@contextmanager
def deaf_stream(server: Server) -> Generator[connection]:
    with deaf(server) as client:
        client.sendall(f"GET {live.EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert client.recv(16)
        yield client


def test_who_reads_too_slowly_is_cut_off(database_url: str) -> None:
    with running(DATABASE_URL=database_url) as server, ExitStack() as stack:
        reader = stack.enter_context(live.stream(server))
        start = reader.next().id
        client = stack.enter_context(deaf_stream(server))
        slow = stack.enter_context(deaf(server))
        socket = stack.enter_context(
            live.socket(server, sock=slow, max_queue=1, ping_interval=None)
        )
        socket.ask("subscribe")
        for number in range(20):
            live.create(server, f"{number}", LONG)
            assert reader.titles(1) == [f"{number}"]
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                socket.receive()
        assert closed.value.rcvd
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, "too slow")
        received = bytearray()
        while not received.endswith(END):
            received += client.recv(1024 * 1024)
        last = max(map(int, re.findall(rb"^id: (\d+)$", received, re.MULTILINE)))
        assert start < last < start + 20
        with live.stream(server, last) as resumed:
            assert resumed.next().name == "ready"
            assert resumed.next().id == last + 1
        server.stop()


def test_who_reads_nothing_at_all_is_forgotten(database_url: str) -> None:
    with running(DATABASE_URL=database_url, HEARTBEAT_SECONDS="1") as server:
        with deaf_stream(server) as client, deaf(server) as slow:
            with live.socket(server, sock=slow, max_queue=1, ping_interval=None) as socket:
                socket.ask("subscribe")
                for number in range(20):
                    live.create(server, f"{number}", LONG)
                time.sleep(6)  # two heartbeats, and time enough for a busy machine
                with pytest.raises(ConnectionClosed):
                    while True:
                        socket.receive()
            received = bytearray()
            while more := client.recv(1024 * 1024):
                received += more
            assert not received.endswith(END)
        server.stop()


def test_all_ends_with_the_service(database_url: str) -> None:
    with running(DATABASE_URL=database_url) as server, ExitStack() as stack:
        streams = [stack.enter_context(live.stream(server)) for _ in range(5)]
        sockets = [stack.enter_context(live.socket(server)) for _ in range(5)]
        stack.enter_context(deaf_stream(server))
        for stream in streams:
            stream.next()
        for number in range(10):
            live.create(server, f"{number}", LONG)
            for stream in streams:
                stream.next()
        log = server.stop()
        for stream in streams:
            assert stream.line() == ""
        for socket in sockets:
            with pytest.raises(ConnectionClosed) as closed:
                socket.receive()
            assert closed.value.rcvd
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "shutting down")
    # A stream that had to be waited for until the time was over would have been an error.
    assert not [entry for entry in log if entry["level"] != "info"]
    ended = [entry["path"] for entry in log if entry.get("path") in {live.EVENTS, "/ws"}]
    assert sorted(ended) == sorted([live.EVENTS] * 6 + ["/ws"] * 5)


def test_a_client_goes_on_after_a_crash(database_url: str) -> None:
    with running(DATABASE_URL=database_url) as server, live.stream(server) as stream:
        stream.next()
        live.create(server, "seen")
        last = stream.next().id
        live.create(server, "missed")
        server.process.send_signal(signal.SIGKILL)
        server.process.communicate()
    with running(DATABASE_URL=database_url) as server, live.stream(server, last) as stream:
        assert json.loads(stream.next().data) == {"id": last}
        live.create(server, "new")
        assert stream.titles(2) == ["missed", "new"]
        stream.response.close()
        server.stop()
