"""Checking a CSV file: what is wrong is told by row and column, and the rest is summarised."""

import json
import tracemalloc
from pathlib import Path

import pytest

from ingest import __main__ as command
from ingest.reader import MAX_LINE, Fault, Row, read
from ingest.summary import BINS, MOST_FAULTS, Summary
from model import task

HEAD, *LINES = task.DATASET.read_text().splitlines()
NAMES = HEAD.split(",")
FIRST = LINES[0].split(",")
COLUMN = task.features()[0]


def line(**values: object) -> str:
    """The first row of the data set, with other values."""
    return ",".join(str(values.get(name, value)) for name, value in zip(NAMES, FIRST, strict=True))


def faults(path: Path, text: str, encoding: str = "utf-8") -> list[tuple[int, str]]:
    path.write_bytes(text.encode(encoding))
    found = [one for one in read(path) if not isinstance(one, Row)]
    assert all(fault.detail for row in found for fault in row)
    return [(fault.row, fault.column) for row in found for fault in row]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data.csv"


def test_a_good_file(file: Path) -> None:
    rows = list(read(task.DATASET))
    assert len(rows) == len(LINES)
    assert faults(file, task.DATASET.read_text()) == []
    assert faults(file, "\ufeff" + task.DATASET.read_text()) == []
    assert faults(file, task.DATASET.read_text().replace("\n", "\r\n")) == []
    backwards = [",".join(reversed(each.split(","))) for each in (HEAD, *LINES)]
    assert faults(file, "\n".join(backwards) + "\n\n") == []


@pytest.mark.parametrize(
    "value", ["", "x", "nan", "inf", "1_0", COLUMN.minimum - 1, COLUMN.maximum + 1]
)
def test_a_wrong_value(file: Path, value: object) -> None:
    text = "\n".join([HEAD, line(), line(**{COLUMN.name: value}), line()])
    assert faults(file, text) == [(3, COLUMN.name)]


def test_several_wrong_values(file: Path) -> None:
    wrong = dict.fromkeys(NAMES, "x")
    found = faults(file, "\n".join([HEAD, line(**wrong)]))
    assert sorted(found) == sorted((2, name) for name in NAMES)


def test_a_wrong_shape(file: Path) -> None:
    assert faults(file, "") == [(1, "")]
    assert faults(file, "\n".join([HEAD, "1", line() + ",1", line()])) == [(2, ""), (3, "")]
    assert faults(file, "\n".join([HEAD, line(), '"x'])) == [(3, "")]
    assert faults(file, "\n".join([HEAD, '"x"y,', line()])) == [(2, "")]
    assert faults(file, "\n".join([HEAD, line(), "1" * (MAX_LINE + 1), line()])) == [(3, "")]


def test_a_wrong_head(file: Path) -> None:
    other = HEAD.replace(COLUMN.name, "other")
    assert sorted(faults(file, other + "\nx\n")) == [(1, "other"), (1, COLUMN.name)]
    assert faults(file, f"{HEAD},{COLUMN.name}\n") == [(1, COLUMN.name)]


def test_what_is_no_text(file: Path) -> None:
    assert faults(file, "\n".join([HEAD, line(**{COLUMN.name: "é"})]), "latin-1") == [
        (2, COLUMN.name)
    ]
    assert faults(file, HEAD, "utf-16")[0][0] == 1


def test_the_report(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("\n".join([HEAD, *LINES, line(**{task.TARGET: "<b>"})]))
    assert command.main([str(file), "--to", str(tmp_path / "out")]) == 1
    last = len(LINES) + 2
    said = capsys.readouterr().out
    assert f"{file}:{last}: {task.TARGET}: '<b>' is none of" in said
    report = json.loads((tmp_path / "out" / "data.json").read_text())
    assert (report["rows"], report["faulty_rows"], report["more_faults"]) == (len(LINES), 1, 0)
    assert [fault["row"] for fault in report["faults"]] == [last]
    assert sum(report["labels"].values()) == len(LINES)
    for place, column in enumerate(report["columns"]):
        values = [float(each.split(",")[NAMES.index(column["name"])]) for each in LINES]
        mean = sum(values) / len(values)
        assert (column["minimum"], column["maximum"]) == (min(values), max(values))
        assert column["mean"] == pytest.approx(mean, abs=1e-6)
        deviation = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
        assert column["deviation"] == pytest.approx(deviation, abs=1e-6)
        assert (len(column["bins"]), sum(column["bins"])) == (BINS, len(LINES))
        assert column["unit"] == task.features()[place].unit
    page = (tmp_path / "out" / "data.html").read_text()
    assert page.count("<svg") == len(task.features())
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_a_good_file_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(task.DATASET), "--to", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith(f"{len(LINES)} rows fit, 0 do not")


def test_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        command.main([str(tmp_path / "none.csv"), "--to", str(tmp_path)])
    assert stop.value.code == 2
    assert "none.csv" in capsys.readouterr().err


def test_only_so_many_faults_are_told(tmp_path: Path) -> None:
    summary = Summary()
    for number in range(MOST_FAULTS + 5):
        summary.add([Fault(number, "", "x")])
    report = summary.report("x.csv")
    assert (len(report.faults), report.more_faults) == (MOST_FAULTS, 5)
    assert report.faulty_rows == MOST_FAULTS + 5


def test_a_long_file_takes_no_more_memory(file: Path) -> None:
    with file.open("w") as text:
        text.write(HEAD + "\n")
        for number in range(30_000):
            text.write((line() if number % 2 else line(**{COLUMN.name: "x"})) + "\n")
    summary = Summary()
    tracemalloc.start()
    try:
        for one in read(file):
            summary.add(one)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (summary.report(file.name).rows, peak < 1024 * 1024) == (15_000, True)
