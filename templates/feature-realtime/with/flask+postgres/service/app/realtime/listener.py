"""What other processes tell this one, by NOTIFY."""

import logging
from threading import Event, Lock, Thread

from psycopg import Connection, Error, Notify
from pydantic import ValidationError

from app.realtime.feed import Feed
from app.realtime.hub import Hub
from app.realtime.messages import Delivery
from app.settings import Settings

log = logging.getLogger(__name__)
SHORTEST_WAIT, LONGEST_WAIT = 0.1, 5  # seconds between two attempts to connect
PATIENCE = 0.3  # seconds until it looks whether it shall end


class Listener:
    """Listens on a connection of its own, and makes it anew when it is lost."""

    def __init__(self, settings: Settings, feed: Feed, hub: Hub) -> None:
        self.is_listening = Event()
        self._url = settings.database_url
        self._feed = feed
        self._hub = hub
        self._lock = Lock()
        self._thread: Thread | None = None
        self._closed = Event()

    def start(self) -> None:
        """Listen from now on, if that has not begun yet."""
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="listener", daemon=True)
                self._thread.start()

    def close(self) -> None:
        self._closed.set()

    def join(self) -> None:
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        wait: float = SHORTEST_WAIT
        while not self._closed.is_set():
            try:
                with self._connect() as connection:
                    connection.execute("LISTEN note_events")
                    connection.execute("LISTEN realtime")
                    wait = SHORTEST_WAIT
                    self.is_listening.set()
                    self._feed.wake()  # nobody has, since the connection was lost
                    while not self._closed.is_set():
                        for notify in connection.notifies(timeout=PATIENCE):
                            self._take(notify)
            except Error as error:
                if wait == SHORTEST_WAIT:  # once is enough
                    log.warning("cannot listen: %s", " ".join(str(error).split()))
            self.is_listening.clear()
            self._closed.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    def _connect(self) -> Connection:
        return Connection.connect(
            self._url,
            autocommit=True,
            connect_timeout=3,
            keepalives_idle=10,  # seconds: a server that vanished is noticed
            keepalives_interval=5,
            keepalives_count=3,
        )

    def _take(self, notify: Notify) -> None:
        if notify.channel == "note_events":
            self._feed.wake()
            return
        try:
            self._hub.deliver(Delivery.model_validate_json(notify.payload))
        except ValidationError:
            log.warning("process %d of the database said what no service says", notify.pid)
