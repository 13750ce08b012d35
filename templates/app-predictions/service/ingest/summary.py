"""What a whole file is like, in constant memory however long it is."""

import math
from collections import Counter
from dataclasses import dataclass, field

from pydantic import BaseModel

from ingest.reader import Fault, Row
from model.task import LABELS, Feature, features, row

BINS = 20
MOST_FAULTS = 100  # that are told one by one; all are counted


class Column(BaseModel):
    """The values of one column; `bins` counts them over its range, in equal steps."""

    name: str
    unit: str
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    deviation: float | None = None
    bins: list[int]


class FaultLine(BaseModel):
    row: int
    column: str
    detail: str


class Report(BaseModel):
    file: str
    rows: int
    faulty_rows: int
    labels: dict[str, int]
    columns: list[Column]
    faults: list[FaultLine]
    more_faults: int


@dataclass
class Values:
    """Mean and deviation by Welford's method, which needs each value only once."""

    feature: Feature
    count: int = 0
    minimum: float = math.inf
    maximum: float = -math.inf
    mean: float = 0.0
    squares: float = 0.0
    bins: list[int] = field(default_factory=lambda: [0] * BINS)

    def add(self, value: float) -> None:
        self.count += 1
        self.minimum, self.maximum = min(self.minimum, value), max(self.maximum, value)
        away = value - self.mean
        self.mean += away / self.count
        self.squares += away * (value - self.mean)
        width = (self.feature.maximum - self.feature.minimum) / BINS
        self.bins[min(int((value - self.feature.minimum) / width), BINS - 1)] += 1

    def column(self) -> Column:
        column = Column(name=self.feature.name, unit=self.feature.unit, bins=self.bins)
        if self.count:
            column.minimum, column.maximum = self.minimum, self.maximum
            column.mean = round(self.mean, 6)
            column.deviation = round(math.sqrt(self.squares / self.count), 6)
        return column


class Summary:
    def __init__(self) -> None:
        self._values = [Values(feature) for feature in features()]
        self._labels = Counter[str]()
        self._faults: list[Fault] = []
        self._more_faults = 0
        self._faulty_rows = 0

    def add(self, one: Row | list[Fault]) -> None:
        if isinstance(one, Row):
            self._labels[one.label] += 1
            for values, value in zip(self._values, row(one.features), strict=True):
                values.add(value)
            return
        self._faulty_rows += 1
        told = one[: MOST_FAULTS - len(self._faults)]
        self._faults += told
        self._more_faults += len(one) - len(told)

    def report(self, file: str) -> Report:
        return Report(
            file=file,
            rows=self._labels.total(),
            faulty_rows=self._faulty_rows,
            labels={label: self._labels[label] for label in LABELS},
            columns=[values.column() for values in self._values],
            faults=[FaultLine(**vars(fault)) for fault in self._faults],
            more_faults=self._more_faults,
        )
