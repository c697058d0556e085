"""Opaque cursors: a fixed number of integers, packed and signed. They never grow, and cannot be made up."""

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import models

from sora_social.core.errors import Invalid

_MAC_BYTES = 10
T = TypeVar("T")
M = TypeVar("M", bound=models.Model)


def _mac(purpose: str, body: bytes) -> bytes:
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), person=b"cursor").digest()
    return hashlib.blake2b(purpose.encode() + b"\0" + body, key=key, digest_size=_MAC_BYTES).digest()


def seal(purpose: str, *values: int) -> str:
    """Pack signed 64-bit values. `purpose` ties the cursor to one list, and to one person where that matters."""
    body = struct.pack(f">{len(values)}q", *values)
    return base64.urlsafe_b64encode(body + _mac(purpose, body)).rstrip(b"=").decode()


def unseal(purpose: str, cursor: str, count: int) -> tuple[int, ...]:
    """The values of a cursor that `seal` made for the same purpose. Raises Invalid."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if len(body) != 8 * count or not hmac.compare_digest(mac, _mac(purpose, body)):
        raise Invalid.field("cursor", "This cursor was not made for this list.")
    return struct.unpack(f">{count}q", body)


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list, and the cursor to the next, if any."""

    items: Sequence[T]
    next: str | None


def keyset_page(
    rows: "models.QuerySet[M]", *, purpose: str, cursor: str, limit: int, order: Sequence[str] = ("-id",)
) -> Page[M]:
    """A page by keyset, never by offset: rows that arrive or vanish neither repeat nor hide others.

    `order` names integer columns, the last of them unique, all rising or all falling ("-").
    """
    falling = order[0].startswith("-")
    names = [name.lstrip("-") for name in order]
    if cursor:
        last = unseal(purpose, cursor, len(names))
        rows = rows.filter(_beyond(names, last, "lt" if falling else "gt"))
    found = list(rows.order_by(*order)[: limit + 1])
    items = found[:limit]
    more = len(found) > limit
    return Page(items, seal(purpose, *(_value(items[-1], name) for name in names)) if more else None)


def _beyond(names: Sequence[str], last: Sequence[int], side: str) -> models.Q:
    beyond = models.Q()
    for index, name in enumerate(names):
        equal = {names[before]: last[before] for before in range(index)}
        beyond |= models.Q(**equal, **{f"{name}__{side}": last[index]})
    return beyond


def _value(row: Any, name: str) -> int:
    for part in name.split("__"):
        row = getattr(row, part)
    return int(row)
