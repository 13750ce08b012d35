"""What a log line looks like. tests/test_process.py looks at those of a whole run."""

import json
import logging
import logging.config
from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from config.logs import JSONFormatter, configuration, request_id


@pytest.fixture(autouse=True)
def as_before() -> Generator[None]:
    handlers = logging.root.handlers[:]
    yield
    logging.config.dictConfig(settings.LOGGING)
    logging.root.handlers[:] = handlers


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(configuration("info"))
    token = request_id.set("abc")
    try:
        raise ValueError("two\nlines")
    except ValueError:
        # Django adds the request, whose query is nobody's business.
        extra = {"status": 500, "request": "<ASGIRequest: GET '/?token=hunter2'>"}
        logging.getLogger("notes.test").exception("it %s", "failed", extra=extra)
    finally:
        request_id.reset(token)
    (line,) = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert entry["level"] == "error"
    assert entry["msg"] == "it failed"
    assert entry["status"] == 500
    assert entry["requestId"] == "abc"
    assert "ValueError: two\nlines" in entry["exception"]
    assert "hunter2" not in line
    assert entry["time"].endswith("Z")
    age = datetime.now(UTC) - datetime.fromisoformat(entry["time"])
    assert abs(age) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("level", "written"),
    [
        ("debug", ["debug", "info", "warn", "error"]),
        ("info", ["info", "warn", "error"]),
        ("warn", ["warn", "error"]),
        ("error", ["error"]),
    ],
)
def test_levels(level: str, written: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(configuration(level))
    for number in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        logging.getLogger("notes.test").log(number, "hello")
        logging.getLogger("django.test").log(number, "hello")
    entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    own = [entry["level"] for entry in entries if entry["logger"] == "notes.test"]
    library = [entry["level"] for entry in entries if entry["logger"] == "django.test"]
    assert own == written
    assert library == [name for name in written if name != "debug"]


def test_no_request_no_id() -> None:
    record = logging.makeLogRecord({"msg": "hello", "levelno": logging.INFO})
    token = request_id.set(None)
    try:
        assert "requestId" not in json.loads(JSONFormatter().format(record))
    finally:
        request_id.reset(token)
