"""One measured row, and the page they are written to."""

import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
MEASURED, PROFILE, GRAPH = (
    ("<!-- measured: begin -->", "<!-- measured: end -->"),
    ("<!-- profile: begin -->", "<!-- profile: end -->"),
    ("<!-- graph: begin -->", "<!-- graph: end -->"),
)
PACKAGES = ("django", "djangorestframework", "granian", "psycopg", "redis", "numpy", "scikit-learn")


@dataclass(frozen=True)
class Row:
    """A figure: our side, the other side, and what of the two is promised. `met` is None where nothing is promised."""

    id: str
    what: str
    ours: str
    other: str = ""
    figure: str = ""
    goal: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return {True: "pass", False: "**short**", None: ""}[self.met]

    def __str__(self) -> str:
        return f"{self.id:<4} {self.what}: {self.ours} | {self.other} | {self.figure} | {self.goal} | {self.verdict}"


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Median and range."""
    return f"{statistics.median(values):.{digits}f} [{min(values):.{digits}f}–{max(values):.{digits}f}]"


def write(rows: Sequence[Row], *, world: str, rounds: int, postgres: str, redis: str) -> None:
    """Put the table between its markers in `docs/performance.md`; what is written around them stays."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    head = "| id | What | Ours | Other side | Figure, median [range] | Goal | |\n|---|---|---|---|---|---|---|\n"
    table = "".join(
        f"| {row.id} | {row.what} | {row.ours} | {row.other} | {row.figure} | {row.goal} | {row.verdict} |\n"
        for row in rows
    )
    facts = (
        f"Measured {datetime.now(UTC):%Y-%m-%d} at {revision()} on {os.cpu_count()} cores, {memory_gb():.0f} GB; "
        f"Python {platform.python_version()}, PostgreSQL {postgres}, Redis {redis}, {packages}. "
        f"{rounds} rounds, the sides in turn.\n\nThe world: {world}.\n"
    )
    _put(f"{facts}\n{head}{table}", between=MEASURED)


def write_profile(parts: Sequence[tuple[str, float, float]]) -> None:
    """Put where a page's time goes, as (part, share, milliseconds), between its markers."""
    rows = "".join(f"| {part} | {share:.0%} | {ms:.2f} ms |\n" for part, share, ms in parts)
    _put(
        f"Sampled {datetime.now(UTC):%Y-%m-%d} at {revision()}.\n\n| Part | Share | Of a page |\n|---|---|---|\n{rows}",
        between=PROFILE,
    )


def write_graph(table: Iterable[str]) -> None:
    """Put what each question to the graph costs between its markers."""
    lines = "".join(f"{line}\n" for line in table)
    _put(f"Measured {datetime.now(UTC):%Y-%m-%d} at {revision()}.\n\n{lines}", between=GRAPH)


def _put(words: str, *, between: tuple[str, str]) -> None:
    begin, end = between
    before, rest = PAGE.read_text().split(begin)
    PAGE.write_text(f"{before}{begin}\n{words}{end}{rest.split(end)[1]}")


def revision() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=PAGE.parent, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "an unknown revision"


def memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
