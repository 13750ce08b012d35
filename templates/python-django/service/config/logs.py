"""One JSON object per line on stdout, whoever writes it."""

import json
import logging
import os
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

from config.base import PACKAGES

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}
_NAMES = {number: name for name, number in LEVELS.items()}

# What every record has, or libraries add for their own handlers: the rest came as `extra`.
# Django adds the request, and so its query.
_NOT_EXTRA = vars(logging.makeLogRecord({})).keys() | {
    "color_message",
    "request",
    "server_time",
    "status_code",
    "taskName",
}


class JSONFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": _NAMES.get(record.levelno, "error"),
            "msg": record.getMessage(),
            "logger": record.name,
        }
        if current := request_id.get():
            entry["requestId"] = current
        entry.update((k, v) for k, v in vars(record).items() if k not in _NOT_EXTRA)
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


class StdoutHandler(logging.StreamHandler[TextIO]):
    """Writes to stdout, and goes on without it once nobody reads it any more."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        if not isinstance(sys.exception(), BrokenPipeError):
            super().handleError(record)
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.stream.fileno())
        os.close(nowhere)


def configuration(level: str) -> dict[str, Any]:
    """For `LOGGING`. Libraries stay at `info`: at `debug` some log what clients send."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "config.logs.JSONFormatter"}},
        "handlers": {"stdout": {"()": "config.logs.StdoutHandler", "formatter": "json"}},
        "root": {"level": max(LEVELS[level], logging.INFO), "handlers": ["stdout"]},
        "loggers": {
            **{package: {"level": LEVELS[level]} for package in PACKAGES},
            "django": {"level": "NOTSET"},  # without what Django gives it
            "django.request": {"level": "ERROR"},  # refusals stand in the line of the request
            "django.security.DisallowedHost": {"level": "CRITICAL"},
        },
    }
