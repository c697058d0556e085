"""Time-ordered ids and the moments that they stand for: a row's has 22 bits below its milliseconds, a page's 21.

Rows get theirs from the database (`core_next_id`); those of pages, and of the cards between their posts, are made here.
"""

import secrets
from datetime import datetime, timedelta

from django.utils import timezone

from sora_social.core.moments import IDS_SINCE, milliseconds, moment

ROW_BITS, PAGE_BITS = 22, 21


def new_page_id() -> int:
    """An id of this moment, with 21 random bits."""
    return page_id_at(timezone.now()) | secrets.randbits(PAGE_BITS)


def page_id_at(when: datetime) -> int:
    """The smallest id of a page that was served at this moment or later."""
    return (milliseconds(when) - IDS_SINCE) << PAGE_BITS


def served_at(page_id: int) -> datetime:
    """When a page with this id was served."""
    return moment((page_id >> PAGE_BITS) + IDS_SINCE)


def row_id_at(when: datetime) -> int:
    """The smallest id of a row that was made at this moment or later."""
    return (milliseconds(when) - IDS_SINCE) << ROW_BITS


def row_id_before(span: timedelta) -> int:
    """The smallest id of a row that was made within the last `span`."""
    return row_id_at(timezone.now() - span)
