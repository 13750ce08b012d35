"""Hands the events of the database to everyone who watches, each once and in order."""

import logging
import time
from collections.abc import Callable, Generator, Sequence
from threading import Event as Flag
from threading import Lock, Thread

from pydantic import ValidationError

from app.database import Database
from app.realtime import store
from app.realtime.connections import TOO_SLOW, Backlog, Connection
from app.realtime.events import Bounds, Event, StoredEvent
from app.realtime.messages import MAX_WAITING

log = logging.getLogger(__name__)
PAGE = 100  # events read at a time
BACKLOG_PAGE = 20  # by each client that resumes
BATCH = MAX_WAITING // 4  # of those who watch, each has to take that before there is more
PATIENCE = 1  # seconds until someone looks again without being woken
GRACE = 0.25  # seconds that a slow one can hold the others up

Greeting = Callable[[int, bool], str]  # what comes first: from where on, and whether it is a reset


class Gone(Exception):  # noqa: N818  # it is no error of ours
    """The next events are not kept any more."""


class Feed:
    """Reads new events as long as someone watches: once, for all of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()  # of the position and of who watches from there
        self._watching: dict[Connection, int] = {}  # and the event after which it begins
        self._position = 0
        self._reader: Thread | None = None
        self._woken = Flag()
        self._is_closed = False
        self._is_away = False

    def bounds(self) -> Bounds:
        return store.bounds(self._database)

    def subscribe(
        self, connection: Connection, last_event_id: int | None, greeting: Greeting
    ) -> None:
        """All changes after that event, or from now on, come to the connection."""
        bounds = self.bounds()
        with self._lock:
            if self._reader is None and not self._is_closed:
                self._position = bounds.last
                self._reader = Thread(target=self._run, name="feed", daemon=True)
                self._reader.start()
            now = max(self._position, bounds.last)
            is_reset = last_event_id is not None and not bounds.can_resume(last_event_id)
            start = now if last_event_id is None or is_reset else last_event_id
            connection.put(greeting(start, is_reset))
            if start < self._position:
                connection.put(Backlog(start, self._position))
            self._watching[connection] = start

    def is_watching(self, connection: Connection) -> bool:
        return connection in self._watching

    def unsubscribe(self, connection: Connection) -> None:
        with self._lock:
            self._watching.pop(connection, None)

    def wake(self) -> None:
        """There may be something new."""
        self._woken.set()

    def take(self, connection: Connection) -> list[str | Event]:
        """What can be written now. While the database is away, more may wait than this gives."""
        item = connection.take()
        if not isinstance(item, Backlog):
            return [] if item is None else [item]
        try:
            stored = self._read(item.start, BACKLOG_PAGE)
        except Gone:  # who comes again is told to begin anew
            connection.close(*TOO_SLOW)
            return []
        if stored is None:
            connection.put_back(item)
            return []
        if stored and stored[-1].id < item.end:
            connection.put_back(Backlog(stored[-1].id, item.end))
        return [event for each in stored if each.id <= item.end and (event := _event(each))]

    def close(self) -> None:
        self._is_closed = True
        self._woken.set()

    def join(self) -> None:
        if reader := self._reader:
            reader.join()

    def _run(self) -> None:
        while self._goes_on():
            try:
                stored = self._read(self._position, PAGE)
            except Gone:
                self._send_away()
                return
            for events in _batches(stored or []):
                self._hand_on(events)
            if stored:
                self._position = stored[-1].id
            else:
                self._woken.wait(PATIENCE)

    def _send_away(self) -> None:
        """End it for all who watch: they would miss something, and learn that when they return."""
        with self._lock:
            for connection in self._watching:
                connection.close(*TOO_SLOW)
            self._watching.clear()
            self._reader = None

    def _hand_on(self, events: Sequence[Event]) -> None:
        with self._lock:
            self._position = events[-1].id
            for connection, start in self._watching.items():
                connection.put(*(event for event in events if event.id > start))
        deadline = time.monotonic() + GRACE
        while sum(len(event.sse) for event in events) > BATCH and time.monotonic() < deadline:
            with self._lock:
                if all(connection.is_empty() for connection in self._watching):
                    break
            time.sleep(0.01)

    def _goes_on(self) -> bool:
        with self._lock:
            self._woken.clear()
            if self._watching and not self._is_closed:
                return True
            self._reader = None
            return False

    def _read(self, event_id: int, limit: int) -> list[StoredEvent] | None:
        """Some of what is stored after this event, or None while the database is away."""
        try:
            stored = store.after(self._database, event_id, limit=limit)
            is_whole = self._is_whole(event_id, stored)
        except Exception as error:  # whatever it is, who watches is not sent away for it
            if not self._is_away:
                log.warning("cannot read the events: %s", error)
            self._is_away = True
            return None
        self._is_away = False
        if not is_whole:
            raise Gone
        return stored

    def _is_whole(self, event_id: int, stored: Sequence[StoredEvent]) -> bool:
        """Whether these come next: a change that was undone leaves out an id as well."""
        if not stored or stored[0].id == event_id + 1:
            return True
        return self.bounds().first <= event_id + 1


def _event(stored: StoredEvent) -> Event | None:
    try:
        return Event(stored)
    except ValidationError:  # someone wrote a note that the API has no form for
        log.exception("left out event %d", stored.id)
        return None


def _batches(stored: Sequence[StoredEvent]) -> Generator[list[Event]]:
    """The events, as many at once as nobody is too slow for."""
    batch: list[Event] = []
    size = 0
    for each in stored:
        if event := _event(each):
            batch.append(event)
            size += len(event.sse)
        if size > BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
