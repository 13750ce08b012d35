"""Models of the tests' own: one that is trained once, and one that answers when it is told to."""

import atexit
import shutil
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from threading import Event

from ingest.reader import Row, read
from model import task
from model.port import Predict, Rows
from model.runner import LOADING, NotReadyError, Runner
from training.train import train


@cache
def trained() -> Path:
    """A folder with a model, for all tests: only look at it."""
    folder = Path(mkdtemp())
    atexit.register(shutil.rmtree, folder)
    train(folder)
    return folder


@cache
def examples() -> list[Row]:
    return [row for row in read(task.DATASET) if isinstance(row, Row)]


class Slow:
    """Stands for `backend.load`: a model whose predictions wait until they are let go."""

    def __init__(self) -> None:
        trained()  # as long as a model can be loaded
        self.go = Event()
        self.asked = 0

    def load(self, _: Path) -> Predict:
        warm = Event()

        def predict(rows: Rows) -> list[list[float]]:
            if warm.is_set():
                self.asked += 1
                assert self.go.wait(30)
            warm.set()
            return [[1.0] + [0.0] * (len(task.LABELS) - 1)] * len(rows)

        return predict


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.01)


def is_ready(runner: Runner) -> bool:
    """Whether it can be asked; raise what says that it never will."""
    try:
        runner.card()
    except NotReadyError as error:
        if str(error) != LOADING:
            raise
        return False
    else:
        return True
