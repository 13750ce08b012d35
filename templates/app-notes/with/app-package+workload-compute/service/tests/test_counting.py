"""Words are counted in other processes, for as many as can wait, and whatever happens to one."""

import os
from collections.abc import Generator
from concurrent.futures.process import BrokenProcessPool

import pytest

from app.words import counting
from app.words.counting import TooBusyError, WordCounter, WordCounts


@pytest.fixture
def counter() -> Generator[WordCounter]:
    counter = WordCounter()
    yield counter
    counter.close()


def pairs(counts: WordCounts) -> list[tuple[str, int]]:
    return [(entry.word, entry.count) for entry in counts.words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n-- _ ?", []),
        ("To be, or not to be", [("to", 2), ("be", 2), ("or", 1), ("not", 1)]),
        ("das Größte, DAS GRÖSSTE das", [("das", 3), ("größte", 1), ("grösste", 1)]),
        ("don't don\u2019t 42", [("don't", 1), ("don\u2019t", 1), ("42", 1)]),
    ],
)
def test_the_most_frequent_come_first(text: str, expected: list[tuple[str, int]]) -> None:
    assert pairs(counting.count(text)) == expected


def test_ten_at_most() -> None:
    text = " ".join(f"w{i} " * i for i in range(1, 21))
    assert pairs(counting.count(text)) == [(f"w{i}", i) for i in range(20, 10, -1)]


def test_in_another_process(counter: WordCounter) -> None:
    assert pairs(counter.count("one two two").result()) == [("two", 2), ("one", 1)]
    assert counter._pool.submit(os.getpid).result() != os.getpid()


def test_a_process_that_was_killed_is_replaced(counter: WordCounter) -> None:
    with pytest.raises(BrokenProcessPool):
        counter._pool.submit(os._exit, 1).result()
    assert pairs(counter.count("one").result()) == [("one", 1)]


def test_as_many_as_can_wait_and_no_more(counter: WordCounter) -> None:
    long = "one " * 1_000
    waiting = [counter.count(long) for _ in range(counting.MOST)]
    with pytest.raises(TooBusyError):
        counter.count("two")
    for text in waiting:
        assert pairs(text.result()) == [("one", 1_000)]
    assert pairs(counter.count("two").result()) == [("two", 1)]
