"""What asks for a WebSocket, and gets none."""

from collections.abc import Generator

import pytest

from tests.server import Server, running

HANDSHAKE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def server(migrated: str) -> Generator[Server]:
    with running(DATABASE_URL=migrated) as server:
        yield server
        log = server.stop()
    assert {entry["level"] for entry in log} == {"info"}, "clients are no fault of ours"


@pytest.mark.parametrize("missing", ["connection", "sec-websocket-version", "sec-websocket-key"])
def test_no_handshake(server: Server, missing: str) -> None:
    headers = {name: value for name, value in HANDSHAKE.items() if name != missing}
    response = server.http.get("/ws", headers=headers)
    assert response.status_code == 426
    assert response.headers["upgrade"] == "websocket"
    assert response.headers["content-type"] == "application/problem+json"


def test_no_handshake_with_another_method(server: Server) -> None:
    response = server.http.post("/ws", headers=HANDSHAKE)
    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "headers",
    [{"cookie": "x" * 10_000}, {f"x-{i}": "x" for i in range(200)}],
    ids=["long", "many"],
)
def test_a_handshake_that_is_too_large(server: Server, headers: dict[str, str]) -> None:
    response = server.http.get("/ws", headers={**HANDSHAKE, **headers})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/ws/", 404), ("/healthz", 200)])
def test_a_handshake_elsewhere(server: Server, path: str, status: int) -> None:
    response = server.http.get(path, headers=HANDSHAKE)
    assert response.status_code == status
    if status == 404:
        assert response.headers["content-type"] == "application/problem+json"
