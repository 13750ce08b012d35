"""Reads a CSV file of any length row by row, and says of each row what is wrong with it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pydantic import ValidationError

from model.task import LABELS, TARGET, Features, Label, features

MAX_LINE = 64 * 1024  # characters


@dataclass(frozen=True)
class Row:
    """A row that fits."""

    features: Features
    label: Label


@dataclass(frozen=True)
class Fault:
    """What is wrong: `row` counts the lines of the file from 1, the head being the first."""

    row: int
    column: str
    detail: str


class LineTooLongError(Exception):
    pass


def read(path: Path) -> Iterator[Row | list[Fault]]:
    """Each row, or its faults. After a fault in the head nothing more is read."""
    # What is no UTF-8 fits no column, and so is a fault of the row in which it stands.
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = csv.reader(_lines(file), strict=True)
        names = [feature.name for feature in features()]
        head = None
        while True:
            line = rows.line_num + 1
            try:
                cells = next(rows)
            except StopIteration:
                break
            except LineTooLongError:
                yield [Fault(line, "", f"The line has more than {MAX_LINE} characters.")]
                break
            except csv.Error as error:
                yield [Fault(line, "", f"This is not CSV: {error}.")]
                continue
            if head is None:
                head = cells
                if faults := list(_head_faults(head, [*names, TARGET])):
                    yield faults
                    return
            elif cells:  # an empty line is no row
                yield _row(line, head, cells)
        if head is None:
            yield [Fault(1, "", "The file is empty.")]


def _lines(file: TextIO) -> Iterator[str]:
    """Lines, none of which can fill the memory."""
    while line := file.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise LineTooLongError
        yield line


def _head_faults(head: list[str], wanted: list[str]) -> Iterator[Fault]:
    for name in wanted:
        if name not in head:
            yield Fault(1, name, "The column is missing.")
    for i, name in enumerate(head):
        if name not in wanted:
            yield Fault(1, name, "There is no such column.")
        elif name in head[:i]:
            yield Fault(1, name, "The column is there twice.")


def _row(line: int, head: list[str], cells: list[str]) -> Row | list[Fault]:
    if len(cells) != len(head):
        return [Fault(line, "", f"There are {len(cells)} values for {len(head)} columns.")]
    texts = dict(zip(head, cells, strict=True))
    label = texts.pop(TARGET)
    faults = []
    known: Label | None = next((one for one in LABELS if one == label), None)
    if known is None:
        faults.append(Fault(line, TARGET, f"{label[:40]!r} is none of {', '.join(LABELS)}."))
    try:
        values = {name: _number(text) for name, text in texts.items()}
        one = Features.model_validate(values, by_alias=False, by_name=True)
    except ValidationError as error:
        faults += [Fault(line, str(e["loc"][0]), f"{e['msg']}.") for e in error.errors()]
    else:
        if known is not None:
            return Row(one, known)
    return faults


def _number(text: str) -> float | str:
    """The text itself where it is no number: then it does not fit, and that is said."""
    if "_" in text:  # Python reads 1_000, and nobody else does
        return text
    try:
        return float(text)
    except ValueError:
        return text
