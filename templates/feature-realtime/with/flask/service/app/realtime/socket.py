"""One WebSocket: frames in and frames out, in one thread that waits for both."""

import logging
import time
from collections.abc import Callable
from selectors import EVENT_READ, EVENT_WRITE, PollSelector
from socket import SHUT_WR

from websockets.frames import Frame, Opcode
from websockets.protocol import SEND_EOF, State
from websockets.server import ServerProtocol

from app.realtime.connections import Connection
from app.realtime.events import Event
from app.realtime.messages import MAX_MESSAGE

log = logging.getLogger(__name__)
log.setLevel(logging.WARNING)  # below that, each frame is written, with what clients sent
CHUNK = 64 * 1024  # bytes
GOODBYE = 1  # seconds for a client to answer a close
GOODBYE_OF_THE_SLOW = 10


class WebSocket:
    def __init__(
        self,
        connection: Connection,
        handshake: bytes,
        heartbeat: float,
        take: Callable[[], list[str | Event]],
        hear: Callable[[str], None],
    ) -> None:
        self._connection = connection
        self._client = connection.client
        self._heartbeat = heartbeat
        self._take = take  # what can be sent
        self._hear = hear  # what was said
        self._protocol = ServerProtocol(state=State.OPEN, max_size=MAX_MESSAGE, logger=log)
        self._unsent = bytearray(handshake)
        self._heard: list[bytes] = []  # the frames of a message
        self._is_over = False
        self._ends_after_this = False
        self._deadline = float("inf")
        self._last_sign = time.monotonic()
        self._next_ping = self._last_sign + heartbeat

    def run(self) -> None:
        """Talk until one of both sides ends it."""
        self._client.settimeout(0)
        with PollSelector() as selector:
            selector.register(self._client, EVENT_READ)
            selector.register(self._connection, EVENT_READ)
            while not self._is_over:
                self._beat()
                while self._fill() and self._write():
                    pass
                interest = EVENT_READ | EVENT_WRITE if self._unsent else EVENT_READ
                selector.modify(self._client, interest)
                for key, events in selector.select(self._patience()):
                    if key.fileobj is self._connection:
                        self._connection.silence()
                    elif events & EVENT_READ:
                        self._read()
        self._connection.cut()

    def _beat(self) -> None:
        now = time.monotonic()
        if now >= self._deadline or now - self._last_sign > 2 * self._heartbeat:
            self._is_over = True
        elif now >= self._next_ping:
            self._next_ping = now + self._heartbeat
            if self._protocol.state is State.OPEN:
                self._protocol.send_ping(b"")

    def _fill(self) -> bool:
        """Take what waits, once the client has taken what it got before."""
        while self._protocol.state is State.OPEN and len(self._unsent) < CHUNK:
            if self._connection.is_closed:
                self._protocol.send_close(self._connection.code, self._connection.reason)
            messages = self._take()
            if not messages:
                break
            for message in messages:
                text = message.message if isinstance(message, Event) else message
                self._protocol.send_text(text.encode())
            self._drain()
        self._drain()
        is_closing = self._connection.is_closed or self._protocol.state is not State.OPEN
        if is_closing and self._deadline == float("inf"):
            is_slow = self._connection.code == 1013
            self._deadline = time.monotonic() + (GOODBYE_OF_THE_SLOW if is_slow else GOODBYE)
        return bool(self._unsent) or self._ends_after_this

    def _drain(self) -> None:
        for data in self._protocol.data_to_send():
            if data == SEND_EOF:
                self._ends_after_this = True
            self._unsent += data

    def _write(self) -> bool:
        """Whether the client has taken all of it."""
        try:
            while self._unsent:
                del self._unsent[: self._client.send(self._unsent)]
            if self._ends_after_this:
                self._ends_after_this = False
                self._client.shutdown(SHUT_WR)
        except BlockingIOError:
            return False
        except OSError:
            self._is_over = True
        return not self._is_over

    def _read(self) -> None:
        try:
            data = self._client.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._is_over = True
            return
        self._last_sign = time.monotonic()
        self._protocol.receive_data(data)
        for frame in self._protocol.events_received():
            if isinstance(frame, Frame):
                self._take_in(frame)

    def _take_in(self, frame: Frame) -> None:
        if self._connection.is_closed or self._protocol.close_sent:
            return  # whatever it says, it is not heard any more
        match frame.opcode:
            case Opcode.BINARY:
                self._protocol.send_close(1003, "text only")
            case Opcode.TEXT | Opcode.CONT:
                self._heard.append(bytes(frame.data))
                if frame.fin:
                    message = b"".join(self._heard)
                    self._heard.clear()
                    self._hear_text(message)

    def _hear_text(self, message: bytes) -> None:
        try:
            text = message.decode()
        except UnicodeDecodeError:
            self._protocol.send_close(1007, "not UTF-8")
        else:
            self._hear(text)

    def _patience(self) -> float:
        until = min(self._deadline, self._next_ping, self._last_sign + 2 * self._heartbeat + 0.1)
        if not self._unsent and not self._connection.is_empty():
            until = min(until, time.monotonic() + 1)  # the database is away
        return max(0, until - time.monotonic())
