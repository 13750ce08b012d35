"""The workers of one server are one service."""

from contextlib import ExitStack

from tests.live import create, socket
from tests.server import running


def test_what_happens_reaches_the_clients_of_all_workers(migrated: str) -> None:
    two = "--workers 2"
    with running(DATABASE_URL=migrated, GUNICORN_CMD_ARGS=two) as server, ExitStack() as stack:
        sockets = [stack.enter_context(socket(server)) for _ in range(12)]  # both have some
        for client in sockets:
            client.ask("subscribe")
            client.ask("join", room="lobby")
        sockets[0].say("chat", room="lobby", text="all here?")
        assert {client.receive()["text"] for client in sockets} == {"all here?"}
        create(server, "for all")
        assert {client.receive()["note"]["title"] for client in sockets} == {"for all"}
        server.stop()
