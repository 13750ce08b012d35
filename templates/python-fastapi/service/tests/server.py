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
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).parent.parent


class Server:
    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self.http = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=15)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.http.get("/readyz").is_success:
                    return
            except httpx2.TransportError:
                time.sleep(0.05)
        self.process.kill()
        raise AssertionError(f"the service did not get ready: {self.process.communicate()}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> list[dict[str, Any]]:
        """End the process, which must succeed and have said nothing but JSON; return its log."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> list[dict[str, Any]]:
        out, err = self.process.communicate(timeout=15)
        assert (self.process.returncode, err) == (0, "")
        return [json.loads(line) for line in out.splitlines()]


def start(**settings: str) -> subprocess.Popen[str]:
    """Start the process with these settings alone. A warning of Python is an error."""
    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "app"],
        cwd=ROOT,
        # What is empty counts as not set, and here also hides what .env may say.
        env={**environment, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
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
        server.http.close()
        if server.process.poll() is None:
            server.process.kill()
            server.process.communicate()
