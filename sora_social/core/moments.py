"""Moments and spans as whole milliseconds, as ids, cursors and arithmetic want them."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
IDS_SINCE = 1_735_689_600_000  # 2025-01-01: what the time in an id is counted from
_MS = timedelta(milliseconds=1)


def milliseconds(of: datetime | timedelta) -> int:
    """Of a moment: since 1970."""
    return (of - EPOCH if isinstance(of, datetime) else of) // _MS


def moment(ms: int) -> datetime:
    return EPOCH + ms * _MS
