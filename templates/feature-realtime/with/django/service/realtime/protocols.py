"""How streams and WebSockets end below ASGI, which only knows clients that read."""

import asyncio
import logging
import re
from typing import Any

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from config.protocol import Protocol, bad_request

EVENTS = "/api/notes/events"
SOCKET = b"/ws"
KEY = re.compile(rb"[A-Za-z0-9+/]{22}==")
BODY = {b"content-length", b"transfer-encoding"}
GOING_AWAY, INVALID_TEXT = 1001, 1007
LAST_WORDS = 1.0  # seconds, for a client to read why its connection ends

# uvicorn says of each connection where it leads, query and all; `realtime.sockets` logs it.
log = logging.getLogger("uvicorn.error.sockets")
log.setLevel(logging.WARNING)


class StreamProtocol(Protocol):
    """HTTP, where a client that reads nothing of a stream is cut off."""

    _stalled: asyncio.TimerHandle | None = None
    _answering: RequestResponseCycle | None = None

    def _start_asgi_task(
        self,
        cycle: RequestResponseCycle,
        app: Any,  # noqa: ANN401  # uvicorn's own
    ) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._streams:
            after = 2 * settings.HEARTBEAT_SECONDS
            self._stalled = self.loop.call_later(after, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._keep()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._keep()
        # uvicorn tells only the request that came last, which may still wait for this answer.
        if self._answering and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio says bool | None
        """Who watches and says no more has gone: nobody else would notice."""
        return super().eof_received() and not self._streams

    def shutdown(self) -> None:
        super().shutdown()
        if self._streams:
            self.loop.call_later(LAST_WORDS, self.transport.abort)

    def _should_upgrade(self) -> bool:
        """Only for a handshake, and not while an answer is going out; all else is plain HTTP."""
        return (
            super()._should_upgrade()
            and (self.cycle is None or self.cycle.response_complete)
            and self.scope["method"] == "GET"
            and self.url.partition(b"?")[0] == SOCKET
            and self._values(b"sec-websocket-version") == [b"13"]
            and [bool(KEY.fullmatch(key)) for key in self._values(b"sec-websocket-key")] == [True]
            and not any(name in BODY for name, _ in self.headers)
        )

    def _values(self, name: bytes) -> list[bytes]:
        return [value for given, value in self.headers if given == name]

    def _unsupported_upgrade_warning(self) -> None:
        """It is answered: nothing is wrong here."""

    @property
    def _streams(self) -> bool:
        return self._answering is not None and self._answering.scope["path"] == EVENTS

    def _keep(self) -> None:
        if self._stalled:
            self._stalled.cancel()
            self._stalled = None


class SocketProtocol(WebSocketsSansIOProtocol):
    """WebSockets, which are told that the service ends, and why a message was too long."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # uvicorn's own
        super().__init__(*args, **kwargs)
        self.logger = log
        self.conn.logger = log

    def data_received(self, data: bytes) -> None:
        """Answer a handshake with more headers, or longer ones, than websockets reads too."""
        super().data_received(data)
        if self.conn.handshake_exc and not self.close_sent:
            self.close_sent = True
            self.transport.write(bad_request())
            self.transport.close()

    def send_receive_event_to_app(self) -> None:
        """Text that is no UTF-8 is no fault of ours: uvicorn would log one."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.conn.fail(INVALID_TEXT)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    async def send(self, message: Any) -> None:  # noqa: ANN401  # uvicorn's own
        """After a refusal uvicorn would say that there was no answer."""
        await super().send(message)
        self.handshake_complete = self.handshake_complete or self.close_sent
        if message["type"] == "websocket.close" and self.close_timer:
            self._cut_off_after(self.close_timeout)

    def handle_parser_exception(self) -> None:
        """Read on for a moment: a client that is cut off while it sends never reads why."""
        if self.close_sent or self.conn.close_sent is None:
            return
        code, reason = self.conn.close_sent.code, self.conn.close_sent.reason
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self._cut_off_after(LAST_WORDS)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    def shutdown(self) -> None:
        if self.handshake_complete and not self.close_sent:
            self.conn.send_close(GOING_AWAY, "shutting down")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.queue.put_nowait({"type": "websocket.disconnect", "code": GOING_AWAY})
            self.close_sent = True
        super().shutdown()
        self._cut_off_after(LAST_WORDS)

    def _cut_off_after(self, seconds: float) -> None:
        """uvicorn would wait for a client that does not read what it was sent."""
        if self.close_timer:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(seconds, self.transport.abort)
