"""Where the SQLite file is."""

from contextlib import suppress
from pathlib import Path


def database_path(url: str) -> Path:
    """The path in `sqlite:///path`, with its folder made.

    A folder that cannot be made is no error here: the first connection says so, and may succeed
    later.
    """
    path = Path(url.removeprefix("sqlite:///"))
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    return path
