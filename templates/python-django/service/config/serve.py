"""`python -m config.serve` serves until SIGTERM or SIGINT, ends what is in flight, exits with 0.

One process uses one core: Python runs one thread at a time. Where that is not enough, start more
of them behind a proxy. Each takes some 80 MB and database connections of its own; work that
computes for long belongs in a process that serves nobody.
"""

import logging
import logging.config
import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from uvicorn.supervisors import ChangeReload

from config import logs
from config.base import BASE_DIR, PACKAGES, STATIC_ROOT
from config.env import load_env


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """uvicorn raises the signal again once it is done; that would be exit status 143."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield


def main() -> None:
    reload = "--reload" in sys.argv[1:]
    if reload and not os.environ.get("DJANGO_DEBUG"):
        os.environ["DJANGO_DEBUG"] = "true"
    env = load_env()
    if not (env.django_debug or (STATIC_ROOT / "staticfiles.json").exists()):
        sys.exit("cannot start: no static files in staticfiles/; see `collectstatic` in README.md")
    logging.config.dictConfig(logs.configuration(env.log_level))
    logging.captureWarnings(capture=True)
    config = uvicorn.Config(
        "config.asgi:application",
        host=env.host,
        port=env.port,
        reload=reload,
        reload_dirs=[str(BASE_DIR / name) for name in (*PACKAGES, "templates")] if reload else None,
        reload_includes=["*.html"] if reload else None,
        http="config.protocol:Protocol",
        lifespan="on",
        log_config=None,
        access_log=False,  # config.middleware writes that line, with the request id
        server_header=False,
        timeout_graceful_shutdown=8,  # seconds; orchestrators kill after 10
    )
    if reload:
        server = uvicorn.Server(config)
        ChangeReload(config, target=server.run, sockets=[config.bind_socket()]).run()
    else:
        Server(config).run()


if __name__ == "__main__":
    main()
