"""`python -m app` serves until SIGTERM or SIGINT, finishes what is in flight and exits with 0.

One process uses one core: Python runs one thread at a time. Where that is not enough, start more
of them behind a proxy. Each takes some 80 MB and database connections of its own; work that
computes for long belongs in a process that serves nobody.
"""

import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from app.logs import configure_logging
from app.main import create_app
from app.protocol import Protocol
from app.settings import load_settings


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """uvicorn raises the signal again once it is done; that would be exit status 143."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield


def main() -> None:
    settings = load_settings()
    configure_logging(settings.log_level)
    if "--reload" in sys.argv[1:]:
        uvicorn.run(
            "app.main:from_environment",
            factory=True,
            reload=True,
            reload_dirs=["app"],
            host=settings.host,
            port=settings.port,
            http=Protocol,
            log_config=None,
            access_log=False,
            server_header=False,
        )
        return
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        http=Protocol,
        log_config=None,
        access_log=False,  # app.middleware writes that line, with the request id
        server_header=False,
        timeout_graceful_shutdown=8,  # seconds; orchestrators kill after 10
    )
    Server(config).run()


if __name__ == "__main__":
    main()
