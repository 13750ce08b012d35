"""The service as it runs in production: a process of its own, asked over the network."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent


class Answer(NamedTuple):
    status: int
    headers: Message
    content: bytes

    @property
    def json(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.content)
        return value


class Server:
    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def ask(self, method: str, path: str, content: object = None, **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            body = None if content is None else json.dumps(content)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"content-type": "application/json", **named})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.ask("GET", "/readyz").status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        self.process.kill()
        raise AssertionError(f"the service did not get ready: {self.process.communicate()}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> list[dict[str, Any]]:
        """End the process, which must succeed and have said nothing but JSON; return its log."""
        self.send_signal(number)
        return self.wait()

    def send_signal(self, number: signal.Signals) -> None:
        """To the first process; Ctrl-C to all of them, as a terminal does."""
        if number == signal.SIGINT:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)

    def wait(self) -> list[dict[str, Any]]:
        out, err = self.process.communicate(timeout=15)
        assert (self.process.returncode, err) == (0, "")
        return [json.loads(line) for line in out.splitlines()]


def start(**settings: str) -> subprocess.Popen[str]:
    """Start the process with these settings alone. A warning of Python is an error."""
    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "gunicorn"],
        cwd=ROOT,
        # What is empty counts as not set, and here also hides what .env may say.
        env={**environment, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def free_port() -> int:
    """A port that nobody has, below those that the system gives to connections by itself."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) != 0:
                return port


@contextmanager
def running(**settings: str) -> Generator[Server]:
    """The service, ready for requests; killed at the end if the test did not stop it."""
    port = free_port()
    defaults = {"HOST": "127.0.0.1", "PORT": str(port), "LOG_LEVEL": "info"}
    server = Server(start(**{**defaults, **settings}), port)
    try:
        server.wait_until_ready()
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.communicate()
