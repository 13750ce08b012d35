"""Streams and WebSockets as the server sees them, below what the application can do."""

import asyncio
import logging
from typing import Any

from uvicorn._types import ASGI3Application, ASGISendEvent
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.server import ServerProtocol

from app.protocol import Protocol, bad_request

STREAM = "/api/notes/events"
SOCKET = "/ws"
SHUTTING_DOWN = (1001, "shutting down")

log = logging.getLogger(__name__)
log.setLevel(logging.WARNING)  # below that, each connection is written, with what clients sent


class StreamProtocol(Protocol):
    _answering: RequestResponseCycle | None = None  # `cycle` is what was asked last
    _cut_off: asyncio.TimerHandle | None = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._spare()
        if self._answering and self._is_streaming():  # uvicorn tells only what was asked last
            self._answering.disconnected = True
            self._answering.message_event.set()

    def pause_writing(self) -> None:
        """Who reads nothing for as long as a WebSocket may be silent is cut off as that is."""
        super().pause_writing()
        if self._is_streaming():
            wait = 2 * self.app_state["realtime"].heartbeat
            self._cut_off = self.loop.call_later(wait, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._spare()

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio says bool | None
        """A stream is not for clients that only listen any more: most of them have gone."""
        return not self._is_streaming() and super().eof_received()

    def shutdown(self) -> None:
        super().shutdown()
        if self._is_streaming() and self.flow.write_paused:
            self.transport.abort()  # who does not read does not read the end either

    def _should_upgrade(self) -> bool:
        """Only for a handshake that waits for no answer, and where there is a WebSocket.

        All else is plain HTTP.
        """
        return (
            super()._should_upgrade()
            and (self.cycle is None or self.cycle.response_complete)
            and self.url.partition(b"?")[0] == SOCKET.encode()
            and self._is_handshake()
        )

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing of ours is wrong."""

    def _is_handshake(self) -> bool:
        """Whether the library would accept it, which refuses in words of its own."""
        headers = Headers((n.decode("latin-1"), v.decode("latin-1")) for n, v in self.headers)
        protocol = f"HTTP/{self.scope['http_version']}"
        request = Request(SOCKET, headers, self.scope["method"], protocol)
        return ServerProtocol(logger=log).accept(request).status_code == 101

    def _is_streaming(self) -> bool:
        answering = self._answering
        return (
            answering is not None
            and not answering.response_complete
            and answering.scope["path"] == STREAM
        )

    def _spare(self) -> None:
        if self._cut_off:
            self._cut_off.cancel()
            self._cut_off = None


class SocketProtocol(WebSocketsSansIOProtocol):
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # uvicorn's own
        super().__init__(*args, **kwargs)
        self.logger = self.conn.logger = log

    def data_received(self, data: bytes) -> None:
        """uvicorn leaves without an answer what the library does not read: 129 headers, a body."""
        super().data_received(data)
        if self.conn.handshake_exc and not self.close_sent:
            self.close_sent = True
            self.transport.write(bad_request())
            self.transport.close()

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if self.close_sent:
            self.handshake_complete = True  # a refusal is an end of it too

    def send_receive_event_to_app(self) -> None:
        """Text that is none is no error of ours."""
        if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
            self.conn.fail(1007)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        """Read on for a moment: a client that is cut off while it sends never reads why."""
        close = self.conn.close_sent
        if close is None or self.close_sent:
            return
        self.close_sent = True
        self.disconnected = True  # what the application still says goes nowhere
        self.queue.put_nowait(
            {"type": "websocket.disconnect", "code": close.code, "reason": close.reason}
        )
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_timer = self.loop.call_later(1, self.transport.abort)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.disconnected = True
        self.transport.abort()  # who answers no ping reads no goodbye

    def shutdown(self) -> None:
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        code, reason = SHUTTING_DOWN
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()
        if not self.writable.is_set():
            self.transport.abort()  # who does not read does not read the end either


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
