"""Opaque cursors: a fixed number of integers, packed and sealed. They never grow, cannot be made up, and tell nothing:
a list may go on after a row that is not for its reader to know of.
"""

import base64
import hashlib
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.db import models

from sora_social.core.errors import Invalid
from sora_social.core.prepared import PreparedModels

T = TypeVar("T")
M = TypeVar("M", bound=models.Model)


@lru_cache(maxsize=1)
def _cipher(secret: str) -> AESSIV:
    """Deterministic authenticated encryption (RFC 5297): the same place has the same cursor, and no nonce to keep."""
    return AESSIV(hashlib.blake2b(secret.encode(), person=b"cursor").digest())


def seal(purpose: str, *values: int) -> str:
    """Seal signed 64-bit values. `purpose` ties the cursor to one list, and to one person where that matters."""
    body = struct.pack(f">{len(values)}q", *values)
    sealed = _cipher(settings.SECRET_KEY).encrypt(body, [purpose.encode()])
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def unseal(purpose: str, cursor: str, count: int) -> tuple[int, ...]:
    """The values of a cursor that `seal` made for the same purpose. Raises Invalid."""
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return struct.unpack(f">{count}q", _cipher(settings.SECRET_KEY).decrypt(sealed, [purpose.encode()]))
    except (ValueError, InvalidTag, struct.error):  # no base64, not ours or not whole, or another list's
        raise Invalid.field("cursor", "This cursor was not made for this list.") from None


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
    return _page(list(rows.order_by(*order)[: limit + 1]), limit, purpose, names)


class PreparedList:
    """A list whose pages are asked for often: `keyset_page` of a QuerySet that Django compiles once per process.

    `build` makes it from stand-ins for what is named, as for `Prepared`; `order` names its own columns.
    """

    def __init__(
        self, build: "Callable[..., models.QuerySet[Any]]", *names: str, order: Sequence[str] = ("-id",)
    ) -> None:
        self.build, self.order = build, order
        columns = [name.lstrip("-") for name in order]
        side = "lt" if order[0].startswith("-") else "gt"
        self._columns = columns
        self._lasts = [f"last_{column}" for column in columns]

        def beyond(**values: Any) -> "models.QuerySet[Any]":
            last = [models.Value(values.pop(name)) for name in self._lasts]
            return build(**values).filter(_beyond(columns, last, side)).order_by(*order)

        self._first = PreparedModels(
            lambda **values: build(**values).order_by(*order), *names, limited=True, planned_anew=True
        )
        self._beyond = PreparedModels(beyond, *names, *self._lasts, limited=True, planned_anew=True)

    def page(self, *, purpose: str, cursor: str, limit: int, **values: Any) -> Page[Any]:
        """Raises Invalid for the cursor."""
        if cursor:
            last = dict(zip(self._lasts, self._values(unseal(purpose, cursor, len(self._columns))), strict=True))
            found = self._beyond.all(limit=limit + 1, **last, **values)
        else:
            found = self._first.all(limit=limit + 1, **values)
        return _page(found, limit, purpose, self._columns)

    def _values(self, unsealed: Sequence[int]) -> Iterator[Any]:
        """As the columns have them: some are yes or no."""
        fields: Any = self._first.model._meta
        for column, value in zip(self._columns, unsealed, strict=True):
            yield fields.get_field(column).to_python(value)


def _page(found: Sequence[M], limit: int, purpose: str, names: Sequence[str]) -> Page[M]:
    """Of what was found, one more than fits if there is more."""
    items = found[:limit]
    is_last = len(found) <= limit
    return Page(items, None if is_last else seal(purpose, *(_value(items[-1], name) for name in names)))


def _beyond(names: Sequence[str], last: Sequence[Any], side: str) -> models.Q:
    beyond = models.Q()
    for index, name in enumerate(names):
        equal = {names[before]: last[before] for before in range(index)}
        beyond |= models.Q(**equal, **{f"{name}__{side}": last[index]})
    return beyond


def _value(row: Any, name: str) -> int:
    for part in name.split("__"):
        row = getattr(row, part)
    return int(row)
