"""The server, with an end for streams: where a process that reloads can import it."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from socket import socket

import uvicorn


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """uvicorn raises the signal again once it is done; that would be exit status 143."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """uvicorn waits for answers in flight, and streams would have no end."""
        self.lifespan.state["realtime"].feed.close()
        await super().shutdown(sockets)
