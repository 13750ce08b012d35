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
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SETTINGS = {
    "SECRET_KEY": "only-for-tests-" * 4,
    "HTTPS": "false",
    "LOG_LEVEL": "info",
    # What is empty counts as not set, and here also hides what .env may say.
    "ALLOWED_HOSTS": "",
    "CORS_ORIGINS": "",
    "DJANGO_DEBUG": "",
}


class Server:
    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def ask(
        self, method: str, path: str, data: object = None, **headers: str
    ) -> tuple[HTTPResponse, str]:
        """The answer and its body. Underscores in names of headers stand for hyphens."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        body = None
        if data is not None:
            sent["Content-Type"] = "application/json"
            body = json.dumps(data)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            return response, response.read().decode()
        finally:
            connection.close()

    def wait_until(self, path: str) -> None:
        """Wait until the path is answered with 200."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.ask("GET", path)[0].status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        self.process.kill()
        raise AssertionError(f"the service did not get ready: {self.process.communicate()}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> list[dict[str, Any]]:
        """End the process, which must succeed and have said nothing but JSON; return its log."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> list[dict[str, Any]]:
        out, err = self.process.communicate(timeout=30)
        assert (self.process.returncode, err) == (0, "")
        return [json.loads(line) for line in out.splitlines()]


def start(*arguments: str, **settings: str) -> subprocess.Popen[str]:
    """Start Python with these settings alone. A warning is an error."""
    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-W", "error", *arguments],
        cwd=ROOT,
        env={**environment, **SETTINGS, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(*arguments: str, **settings: str) -> tuple[int, str, str]:
    """Run Python to its end; return its exit status and what it said on stdout and stderr."""
    with start(*arguments, **settings) as process:
        try:
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
    return process.returncode, out, err


def manage(*arguments: str, **settings: str) -> str:
    """Run one of Django's commands, which must end well; return what it said."""
    status, out, err = finish("manage.py", *arguments, **settings)
    assert status == 0, err
    return out


def free_port() -> int:
    """A port that nobody has, below those that the system gives to connections by itself."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) != 0:
                return port


@contextmanager
def running(ready: str = "/readyz", **settings: str) -> Generator[Server]:
    """The service, ready for requests; killed at the end if the test did not stop it."""
    port = free_port()
    process = start("-m", "config.serve", **{"HOST": "127.0.0.1", "PORT": str(port), **settings})
    server = Server(process, port)
    try:
        server.wait_until(ready)
        yield server
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
