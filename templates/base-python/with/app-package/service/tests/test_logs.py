"""What a log line looks like. tests/test_process.py looks at those of a whole run."""

import json
import logging
from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import pytest

from app.logs import JSONFormatter, StdoutHandler, configure_logging, request_id


@pytest.fixture(autouse=True)
def logging_as_before() -> Generator[None]:
    """What a test configures here is not left to those that follow."""
    root, own = logging.getLogger(), logging.getLogger("app")
    levels = root.level, own.level
    yield
    root.setLevel(levels[0])
    own.setLevel(levels[1])
    for handler in root.handlers[:]:
        if isinstance(handler, StdoutHandler):
            root.removeHandler(handler)


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    token = request_id.set("abc")
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logging.getLogger("app.test").exception("it %s", "failed", extra={"status": 500})
    finally:
        request_id.reset(token)
    (line,) = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert entry["level"] == "error"
    assert entry["msg"] == "it failed"
    assert entry["status"] == 500
    assert entry["requestId"] == "abc"
    assert "ValueError: two\nlines" in entry["exception"]
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
    configure_logging(level)
    for number in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        logging.getLogger("app.test").log(number, "hello")
        logging.getLogger("library").log(number, "hello")
    entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    own = [entry["level"] for entry in entries if entry["logger"] == "app.test"]
    library = [entry["level"] for entry in entries if entry["logger"] == "library"]
    assert own == written
    assert library == [name for name in written if name != "debug"]


def test_no_request_no_id() -> None:
    record = logging.makeLogRecord({"msg": "hello", "levelno": logging.INFO})
    assert "requestId" not in json.loads(JSONFormatter().format(record))
