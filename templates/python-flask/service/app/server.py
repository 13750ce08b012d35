"""What gunicorn has to be told before it serves in good order, and logs like everything else."""

import signal
import socket
import uuid
from logging import NOTSET

from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger as GunicornLogger
from gunicorn.http.errors import ParseException
from gunicorn.http.message import Request
from gunicorn.workers.gthread import ThreadWorker

from app.problems import problem


class Logger(GunicornLogger):
    """Writes nothing by itself: the root logger has the handler, the format and the level."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(NOTSET)


def stop_gracefully_on_ctrl_c(arbiter: Arbiter) -> None:
    """SIGINT would cut requests off; here it means the same as SIGTERM."""
    arbiter.handle_int = arbiter.handle_term  # type: ignore[method-assign]  # there is no option


class Worker(ThreadWorker):
    def init_signals(self) -> None:
        super().init_signals()
        signal.signal(signal.SIGINT, self.handle_exit)

    def set_accept_enabled(self, enabled: bool | None) -> None:  # noqa: FBT001  # gunicorn's own
        """Refuse new connections as soon as the end has begun, instead of keeping them waiting."""
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def handle_error(
        self, req: Request | None, client: socket.socket, addr: object, exc: BaseException
    ) -> None:
        """Answer what is no HTTP with a problem too; the application never sees it."""
        if isinstance(exc, ParseException):
            answer = problem(400, "This is not a valid HTTP request.")
        else:
            self.log.error("unhandled error", exc_info=exc)
            answer = problem(500, "Something went wrong here.")
        answer.headers["Connection"] = "close"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Request-Id"] = uuid.uuid4().hex
        head = f"HTTP/1.1 {answer.status}\r\n{answer.headers}"
        client.sendall(head.encode("latin-1") + answer.get_data())
