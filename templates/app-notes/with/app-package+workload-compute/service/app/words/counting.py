"""Counting words, as an example of work that computes.

Python runs one thread at a time: a long text would keep every other request of this process
waiting. So other processes count, as many as there are cores; each is started when it is needed.
"""

import os
import re
import signal
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import BoundedSemaphore, Thread

from pydantic import BaseModel

MOST = 100  # texts at a time; whoever comes after them is better off trying again
WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")


class WordCount(BaseModel):
    word: str
    count: int


class WordCounts(BaseModel):
    """The most frequent words, and how often each is there."""

    words: list[WordCount]


class TooBusyError(Exception):
    """As many texts as can wait are waiting already."""


class WordCounter:
    def __init__(self) -> None:
        self._pool = _new_pool()
        self._free = BoundedSemaphore(MOST)

    def count(self, text: str) -> Future[WordCounts]:
        """Raise TooBusyError when too many texts wait already."""
        if not self._free.acquire(blocking=False):
            raise TooBusyError
        try:
            counting = self._pool.submit(count, text)
        except BrokenProcessPool:  # one of the processes was killed, and took the others with it
            self._pool = _new_pool()
            counting = self._pool.submit(count, text)
        counting.add_done_callback(lambda _: self._free.release())
        return counting

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def count(text: str) -> WordCounts:
    """The ten most frequent words of a text, in any script."""
    counter = Counter(WORD.findall(text.lower()))
    return WordCounts(words=[WordCount(word=w, count=n) for w, n in counter.most_common(10)])


def _new_pool() -> ProcessPoolExecutor:
    # Not by fork: that would copy the locks of other threads as they are.
    return ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """Leave Ctrl-C to the service, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)
