"""What was tried and what came of it, and the page that it is written to."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.report import memory_gb, revision

PAGE = Path(__file__).resolve().parents[2] / "docs" / "drill.md"

INTRODUCTION = """# Drill

`make drill` breaks on purpose what the promises rest on, at full size: real PostgreSQL, real Redis, several processes.
It writes this page, and ends with 1 when a promise is broken. `python -m tests.drill --only C01` runs a part and writes
nothing, `--scale 0.1` runs a tenth of everything. Where a row says *mutant*, the mechanism was switched off, and the
promise is that the same check sees it.
"""


@dataclass(frozen=True)
class Tried:
    """A promise, the fault that should break it, how much of it there was, and what was found."""

    promise: str
    says: str
    fault: str
    amount: str
    found: str
    is_kept: bool

    def __str__(self) -> str:
        return f"{self.promise}: {self.fault}, {self.amount}: {self.found}: {'kept' if self.is_kept else 'BROKEN'}"


def write(rows: Sequence[tuple[Tried, float]], *, scale: float, postgres: str, redis: str) -> None:
    """The page, whole: it has nothing that was not found in one run."""
    broken = sum(not row.is_kept for row, _ in rows)
    verdict = f"**{broken} of {len(rows)} broken.**" if broken else f"All {len(rows)} kept."
    lines = [
        f"| {row.promise} | {row.says} | {row.fault} | {row.amount} | {row.found} | "
        f"{'kept' if row.is_kept else '**broken**'} | {seconds:.0f} |\n"
        for row, seconds in rows
    ]
    facts = (
        f"Run {datetime.now(UTC):%Y-%m-%d} at {revision()} on {os.cpu_count()} cores, {memory_gb():.0f} GB; Python "
        f"{platform.python_version()}, PostgreSQL {postgres}, Redis {redis}; scale {scale:g}. {verdict}\n"
    )
    head = "| id | Promise | Fault | How much | Found | | Seconds |\n|---|---|---|---|---|---|---|\n"
    PAGE.write_text(f"{INTRODUCTION}\n{facts}\n{head}{''.join(lines)}")
