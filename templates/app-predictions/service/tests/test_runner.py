"""The model is asked by one thread, for as many as may wait."""

from collections.abc import Generator

import pytest

from model import backend, task
from model.runner import BusyError, NotReadyError, Runner
from tests.models import Slow, examples, is_ready, trained, until

SLOTS = 3
ROWS = [[feature.minimum for feature in task.features()]]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    slow = Slow()
    monkeypatch.setattr(backend, "load", slow.load)
    return slow


@pytest.fixture
def runner() -> Generator[Runner]:
    runner = Runner(trained(), SLOTS)
    runner.start()
    until(lambda: is_ready(runner))
    yield runner
    runner.close()


def test_predictions_are_good() -> None:
    runner = Runner(trained(), 1)
    with pytest.raises(NotReadyError, match=r"^loading$"):
        runner.submit(ROWS)
    runner.start()
    until(lambda: is_ready(runner))
    found = runner.submit([task.row(example.features) for example in examples()]).result()
    right = 0
    for example, probabilities in zip(examples(), found, strict=True):
        assert sum(probabilities) == pytest.approx(1, abs=1e-5)
        assert all(0 <= p <= 1 for p in probabilities)
        right += task.LABELS[probabilities.index(max(probabilities))] == example.label
    assert right / len(found) >= task.MIN_ACCURACY
    runner.close()


def test_a_slot_is_taken_until_the_work_ends(slow: Slow, runner: Runner) -> None:
    works = [runner.submit(ROWS) for _ in range(SLOTS)]
    until(lambda: slow.asked == 1)
    with pytest.raises(BusyError):
        runner.submit(ROWS)
    assert not works[0].cancel(), "it has begun, and goes on"
    with pytest.raises(BusyError):
        runner.submit(ROWS)
    slow.go.set()
    for work in works:
        assert work.result(30)
    assert runner.submit(ROWS).result(30)


def test_what_has_not_begun_can_be_left_out(slow: Slow, runner: Runner) -> None:
    begun, *waiting = [runner.submit(ROWS) for _ in range(SLOTS)]
    until(lambda: slow.asked == 1)
    assert all(work.cancel() for work in waiting)
    again = [runner.submit(ROWS) for _ in waiting]
    slow.go.set()
    for work in (begun, *again):
        assert work.result(30)
    assert slow.asked == SLOTS
