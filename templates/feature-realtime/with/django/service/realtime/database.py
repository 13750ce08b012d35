"""The database, asked from the event loop: by threads, which keep what they have opened."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connections
from django.db.backends.base.base import BaseDatabaseWrapper

_threads = ThreadPoolExecutor(4, thread_name_prefix="realtime")
_opened: set[BaseDatabaseWrapper] = set()


def asked[**P, R](function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """The function, to be awaited."""

    @wraps(function)
    def ask(*args: P.args, **kwargs: P.kwargs) -> R:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            close_old_connections()
            _opened.update(connections.all(initialized_only=True))

    return sync_to_async(ask, thread_sensitive=False, executor=_threads)


def close() -> None:
    _threads.shutdown()
    for connection in _opened:
        connection.inc_thread_sharing()
        connection.close()
