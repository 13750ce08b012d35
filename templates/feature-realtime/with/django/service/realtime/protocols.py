"""How streams and WebSockets end below ASGI, which only knows clients that read."""

import asyncio
import logging
import re
from typing import Any

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from config.protocol import Protocol

EVENTS = "/api/notes/events"
SOCKET = b"/ws"
KEY = re.compile(rb"[A-Za-z0-9+/]{22}==")
GOING_AWAY = 1001

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
        if self._streams and self.flow.write_paused:
            self.transport.abort()

    def _should_upgrade(self) -> bool:
        """Only for a handshake, and not while an answer is going out; all else is plain HTTP."""
        return (
            super()._should_upgrade()
            and (self.cycle is None or self.cycle.response_complete)
            and self.url.partition(b"?")[0] == SOCKET
            and (b"sec-websocket-version", b"13") in self.headers
            and any(n == b"sec-websocket-key" and KEY.fullmatch(value) for n, value in self.headers)
        )

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

    async def send(self, message: Any) -> None:  # noqa: ANN401  # uvicorn's own
        """After a refusal uvicorn would say that there was no answer."""
        await super().send(message)
        self.handshake_complete = self.handshake_complete or self.close_sent

    def handle_parser_exception(self) -> None:
        """Read on for a moment: a client that is cut off while it sends never reads why."""
        if self.close_sent or self.conn.close_sent is None:
            return
        code, reason = self.conn.close_sent.code, self.conn.close_sent.reason
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(1, self.transport.close)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._cut_off_who_does_not_read()

    def shutdown(self) -> None:
        if self.handshake_complete and not self.close_sent:
            self.conn.send_close(GOING_AWAY, "shutting down")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.queue.put_nowait({"type": "websocket.disconnect", "code": GOING_AWAY})
            self.close_sent = True
        super().shutdown()
        self._cut_off_who_does_not_read()

    def _cut_off_who_does_not_read(self) -> None:
        if not self.writable.is_set():
            self.transport.abort()
