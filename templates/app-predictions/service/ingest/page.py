"""A report as a page, with a plot of each column: one file that loads nothing."""

from collections.abc import Iterable
from html import escape

from ingest.summary import BINS, Column, Report
from model.task import features

HEIGHT = 60
STEP = 12
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{text-align:left;padding:.2rem .8rem .2rem 0}"
    "rect{fill:#2563eb}line{stroke:#888}"
)


def page(report: Report) -> str:
    title = f"Report on {escape(report.file)}"
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>",
        f"<p>{report.rows} rows fit, {report.faulty_rows} do not.</p>",
        "<h2>Labels</h2>",
        _table(("Label", "Rows"), report.labels.items()),
        "<h2>Columns</h2>",
        *(_column(column) for column in report.columns),
    ]
    if report.faults:
        lines = [(fault.row, fault.column, fault.detail) for fault in report.faults]
        parts += ["<h2>Faults</h2>", _table(("Row", "Column", "What is wrong"), lines)]
    if report.more_faults:
        parts.append(f"<p>And {report.more_faults} more.</p>")
    return "\n".join([*parts, "</body>\n</html>\n"])


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = ["<tr>" + "".join(f"<th>{name}</th>" for name in head) + "</tr>"]
    lines += [
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    ]
    return "\n".join(["<table>", *lines, "</table>"])


def _column(column: Column) -> str:
    (feature,) = (one for one in features() if one.name == column.name)
    heading = f"<h3>{escape(column.name)} ({escape(column.unit)})</h3>"
    if column.mean is None:
        return f"{heading}\n<p>No row fits.</p>"
    numbers = (
        f"<p>{column.minimum:g} to {column.maximum:g},"
        f" mean {column.mean:g}, deviation {column.deviation:g};"
        f" the plot goes from {feature.minimum:g} to {feature.maximum:g}</p>"
    )
    return "\n".join([heading, numbers, _plot(column.bins, feature.minimum, feature.maximum)])


def _plot(bins: list[int], minimum: float, maximum: float) -> str:
    most = max(bins)
    width = BINS * STEP
    bars = []
    for i, count in enumerate(bins):
        tall = round(HEIGHT * count / most, 1)
        start, end = (minimum + (maximum - minimum) * at / BINS for at in (i, i + 1))
        bars.append(
            f'<rect x="{i * STEP + 1}" y="{HEIGHT - tall:g}" width="{STEP - 2}" height="{tall:g}">'
            f"<title>{start:g} to {end:g}: {count}</title></rect>"
        )
    return "\n".join(
        [
            f'<svg viewBox="0 0 {width} {HEIGHT + 1}" width="{2 * width}" role="img"'
            f' aria-label="Rows by value, from {minimum:g} to {maximum:g}">',
            *bars,
            f'<line x1="0" y1="{HEIGHT + 0.5}" x2="{width}" y2="{HEIGHT + 0.5}"/>',
            "</svg>",
        ]
    )
