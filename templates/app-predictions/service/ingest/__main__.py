"""`python -m ingest FILE` checks a CSV file and writes a report, as JSON and as a page.

The exit status is 1 where a row does not fit.
"""

import argparse
import sys
from pathlib import Path

from ingest.page import page
from ingest.reader import read
from ingest.summary import Summary


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m ingest", description="Check a CSV file.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--to", type=Path, default=Path("reports"), help="folder of the report")
    options = parser.parse_args(arguments)
    summary = Summary()
    try:
        for one in read(options.file):
            summary.add(one)
        report = summary.report(options.file.name)
        options.to.mkdir(parents=True, exist_ok=True)
        stem = options.to / options.file.stem
        stem.with_suffix(".json").write_text(report.model_dump_json(indent=2) + "\n", "utf-8")
        stem.with_suffix(".html").write_text(page(report), "utf-8")
    except OSError as error:
        parser.exit(2, f"{error.filename}: {error.strerror}\n")
    for fault in report.faults:
        where = f"{options.file}:{fault.row}: "
        print(f"{where}{fault.column}: {fault.detail}" if fault.column else where + fault.detail)
    if report.more_faults:
        print(f"and {report.more_faults} more")
    print(f"{report.rows} rows fit, {report.faulty_rows} do not; see {stem}.html")
    return 1 if report.faulty_rows else 0


if __name__ == "__main__":
    sys.exit(main())
