"""Loads the model once, and asks it for as many as can wait.

One thread predicts: a second one would only take the processor away from the first. Where that is
not enough, start more processes.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore, Thread

from model import artifact, backend, task
from model.artifact import Card
from model.port import ArtifactError, Predict, Rows

STOP_SECONDS = 1  # that a library which is still being imported may hold up the end

log = logging.getLogger(__name__)


class NotReadyError(Exception):
    """The model is loading, or cannot be loaded; the text is one line that says which, and why."""


class BusyError(Exception):
    """As many requests as can wait are waiting already."""


LOADING = "loading"


class Runner:
    def __init__(self, folder: Path, slots: int) -> None:
        self._folder = folder
        self._free = BoundedSemaphore(slots)
        self._pool = ThreadPoolExecutor(1, "model")
        self._loaded: tuple[Card, Predict] | None = None
        self._why_not = LOADING
        self._loading = Thread(target=self._load, name="load-model", daemon=True)

    def start(self) -> None:
        """Begin to load. The import of the library takes seconds, so nobody waits for it."""
        self._loading.start()

    def close(self) -> None:
        if self._loading.ident:
            self._loading.join(STOP_SECONDS)
        self._pool.shutdown(cancel_futures=True)

    def check(self) -> None:
        """Raise NotReadyError while there is no model."""
        self._ready()

    def card(self) -> Card:
        """What the model is; raise NotReadyError when there is none yet."""
        return self._ready()[0]

    def submit(self, rows: Rows) -> Future[list[list[float]]]:
        """Raise NotReadyError, or BusyError when too many wait already.

        The slot is free again when the work has ended, whoever still waits for it. What is
        cancelled before its turn is left out.
        """
        predict = self._ready()[1]
        if not self._free.acquire(blocking=False):
            raise BusyError
        work = self._pool.submit(predict, rows)
        work.add_done_callback(lambda _: self._free.release())
        return work

    def _ready(self) -> tuple[Card, Predict]:
        if self._loaded is None:
            raise NotReadyError(self._why_not)
        return self._loaded

    def _load(self) -> None:
        try:
            card = artifact.read(self._folder)
            predict = backend.load(self._folder / card.file)
            _warm_up(predict)
        except ArtifactError as error:
            log.error("the model is not served: %s", error)  # noqa: TRY400  # that is all of it
            self._why_not = f"failed: {error}"
        except Exception:
            log.exception("the model is not served")
            self._why_not = "failed: the model cannot be loaded; the log says why"
        else:
            self._loaded = card, predict
            log.info("the model is ready", extra={"model": card.name, "version": card.version})


def _warm_up(predict: Predict) -> None:
    """Predict once: libraries do much of their work at the first time."""
    middle = [(feature.minimum + feature.maximum) / 2 for feature in task.features()]
    (probabilities,) = predict([middle])
    if len(probabilities) != len(task.LABELS):
        raise ArtifactError("the model gives other labels than the service; train again")
