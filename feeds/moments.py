"""Time-ordered ids and the moments that they stand for: a row's has 22 bits below its milliseconds, a page's 21."""

from datetime import datetime

from sora_social.core.moments import IDS_SINCE, milliseconds, moment


def page_id_at(when: datetime) -> int:
    """The smallest id of a page that was served at this moment or later."""
    return (milliseconds(when) - IDS_SINCE) << 21


def row_id_at(when: datetime) -> int:
    """The smallest id of a row that was made at this moment or later."""
    return (milliseconds(when) - IDS_SINCE) << 22


def served_at(page_id: int) -> datetime:
    return moment((page_id >> 21) + IDS_SINCE)
