"""Time-ordered ids and the moments that they stand for: a row's has 22 bits below its milliseconds, a page's 21."""

from datetime import UTC, datetime, timedelta

EPOCH_MS = 1_735_689_600_000  # 2025-01-01


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000) - EPOCH_MS


def page_id_at(moment: datetime) -> int:
    """The smallest id of a page that was served at this moment or later."""
    return _ms(moment) << 21


def row_id_at(moment: datetime) -> int:
    """The smallest id of a row that was made at this moment or later."""
    return _ms(moment) << 22


def served_at(page_id: int) -> datetime:
    return datetime.fromtimestamp(EPOCH_MS / 1000, UTC) + timedelta(milliseconds=page_id >> 21)


def made_at(row_id: int) -> datetime:
    return datetime.fromtimestamp(EPOCH_MS / 1000, UTC) + timedelta(milliseconds=row_id >> 22)
