"""The page of findings: each report fills its region of docs/ranking-evaluation.md, between two marks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ranking.evaluation.report import Bars, Lines, Report, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAGE = Path("ranking-evaluation.md")
IMAGES = Path("images")
COLOURS = ("#0b6e99", "#c7522a", "#5f8f3e", "#7a5195")
QUIET = "#8a8a8a"


def write(reports: Iterable[Report], *, docs: Path) -> None:
    """Replace the region of each report in the page and draw its pictures; a region that is new goes to the end."""
    page = docs / PAGE
    text = page.read_text(encoding="utf-8") if page.exists() else "# Evaluation of the ranker\n"
    (docs / IMAGES).mkdir(exist_ok=True)
    for report in reports:
        text = with_region(text, report.region, as_markdown(report))
        for picture in report.pictures:
            draw(picture, docs / IMAGES / file_name(picture))
    page.write_text(text, encoding="utf-8")


def with_region(text: str, region: str, content: str) -> str:
    """The text with the content between the marks of a region, in place of what was there."""
    begin, end = f"<!-- begin {region} -->", f"<!-- end {region} -->"
    filled = f"{begin}\n{content}\n{end}"
    if begin not in text:
        return f"{text.rstrip()}\n\n{filled}\n"
    return re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: filled, text, count=1, flags=re.DOTALL)


def as_markdown(report: Report) -> str:
    """A report as it stands in the page."""
    parts = [f"**{report.code}, {report.title}.** {report.scope}."]
    parts += ["\n".join(f"- {verdict}" for verdict in report.verdicts)]
    parts += report.words
    parts += [f"*{table.caption}*\n\n{_as_markdown(table)}" for table in report.tables]
    parts += [f"![{picture.title}]({IMAGES}/{file_name(picture)})" for picture in report.pictures]
    return "\n\n".join(part for part in parts if part)


def as_text(report: Report) -> str:
    """A report for a terminal."""
    parts = [f"{report.code}  {report.title}\n    {report.scope}"]
    parts += [f"    {line}" for line in report.words]
    parts += [f"\n  {table.caption}\n{_as_text(table)}\n" for table in report.tables]
    parts += [f"  {verdict}" for verdict in report.verdicts]
    return "\n".join(parts)


def file_name(picture: Bars | Lines) -> str:
    return f"evaluation-{re.sub('[^a-z0-9]+', '-', picture.name.lower()).strip('-')}.svg"


def _as_markdown(table: Table) -> str:
    rows = [table.header, ("---",) * len(table.header), *table.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _as_text(table: Table) -> str:
    widths = [max(len(row[column]) for row in (table.header, *table.rows)) for column in range(len(table.header))]
    return "\n".join(
        "    " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (table.header, *table.rows)
    )


def draw(picture: Bars | Lines, path: Path) -> None:
    """An SVG that is the same, byte for byte, for the same figures."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    height = 1.2 + 0.32 * len(picture.labels) if isinstance(picture, Bars) else 4.2
    with rc_context({"svg.hashsalt": picture.name, "svg.fonttype": "path", "font.size": 9}):
        figure = Figure(figsize=(7.0, height), layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(picture.title, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        if isinstance(picture, Bars):
            _draw_bars(axes, picture)
        else:
            _draw_lines(axes, picture)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _draw_bars(axes: Axes, picture: Bars) -> None:
    places = range(len(picture.labels))
    below = [value - low for value, low in zip(picture.values, picture.lows, strict=True)]
    above = [high - value for value, high in zip(picture.values, picture.highs, strict=True)]
    axes.barh(places, picture.values, xerr=(below, above), color=COLOURS[0], ecolor="#333333", capsize=2)
    axes.set_yticks(places, picture.labels)
    axes.axvline(0, color="#333333", linewidth=0.8)
    if picture.mark is not None:
        axes.axvline(picture.mark, color=COLOURS[1], linewidth=1, linestyle="--")
    axes.set_xlabel(picture.axis)


def _draw_lines(axes: Axes, picture: Lines) -> None:
    for (label, xs, ys), colour in zip(picture.lines, COLOURS, strict=False):
        axes.plot(xs, ys, marker="o", markersize=3, label=label, color=colour)
    if picture.diagonal:
        most = max(max(*xs, *ys) for _, xs, ys in picture.lines)
        axes.plot([0, most], [0, most], color=QUIET, linewidth=0.8, linestyle="--")
    axes.set_xlabel(picture.x_axis)
    axes.set_ylabel(picture.y_axis)
    axes.legend(frameon=False)
