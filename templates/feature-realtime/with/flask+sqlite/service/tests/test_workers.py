"""With SQLite there is one process."""

import signal
import time

from tests.live import socket
from tests.server import running, start


def test_two_are_refused(migrated: str) -> None:
    two = "--workers 2"
    with start(DATABASE_URL=migrated, PORT="1", GUNICORN_CMD_ARGS=two) as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Listening" not in out
    assert len(err.splitlines()) == 1
    assert "SQLite" in err


def test_a_second_one_cannot_be_asked_for(migrated: str) -> None:
    with running(DATABASE_URL=migrated) as server:
        server.send_signal(signal.SIGTTIN)
        time.sleep(0.5)
        with socket(server) as one, socket(server) as other:
            for client in (one, other):
                client.ask("join", room="lobby")
            said = one.ask("chat", room="lobby", text="all here?")
            assert other.receive() == said
        log = server.stop()
    assert len([entry for entry in log if "Booting worker" in entry["msg"]]) == 1
