"""What an evaluation found, ready to be printed, written down and drawn by whoever may do so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """One criterion, what was measured, and whether it holds."""

    claim: str
    measured: str
    passed: bool

    def __str__(self) -> str:
        return f"{'pass' if self.passed else 'SHORT'}: {self.claim} (measured: {self.measured})"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a header; the first column names the row."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Named values with their intervals; a picture of horizontal bars. `mark` is a line across all of them."""

    name: str
    title: str
    axis: str
    labels: tuple[str, ...]
    values: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    mark: float | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """Named lines over x and y, both on the same scale when `diagonal`: as a calibration curve is read."""

    name: str
    title: str
    x_axis: str
    y_axis: str
    lines: tuple[tuple[str, tuple[float, ...], tuple[float, ...]], ...]
    diagonal: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """One evaluation. code: E1 …; scope: on which data, opened how far; words: what a reader must know beside.

    region: the part of the page that this report fills, its code and scope in a few words that stay the same.
    """

    code: str
    title: str
    scope: str
    region: str
    words: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Bars | Lines, ...] = ()
    verdicts: tuple[Verdict, ...] = ()

    @property
    def passed(self) -> bool:
        return all(verdict.passed for verdict in self.verdicts)
