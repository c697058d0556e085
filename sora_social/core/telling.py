"""A word to the open sockets of people, on whatever device: something of yours changed.

It is only ever a hurry. Whatever it is about is in the database and is fetched over HTTP; a word that is lost with
Redis, or said while nobody listens, costs the moment until the client looks by itself.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction

from sora_social.core import bus
from sora_social.core.problems import encode

CHANNEL = "live:me"


def tell(person_ids: Iterable[int], kind: str, words: dict[str, Any] | None = None, *, seq: int = 0) -> None:
    """After commit, send one frame `{"type": kind, **words}` to every open `/me` socket of these people.

    `seq` is the number of the frame in their mailbox, when it has one. The frame is encoded here, once.
    """
    ids = sorted(set(person_ids))
    if ids:
        text = encode({"type": kind, **(words or {})})
        transaction.on_commit(partial(bus.publish, CHANNEL, _envelope(seq, ids, text)))


def _envelope(seq: int, person_ids: list[int], text: bytes) -> bytes:
    return b"%d %b\n%b" % (seq, b" ".join(b"%d" % person_id for person_id in person_ids), text)


def opened(message: bytes) -> tuple[int, list[int], str]:
    """The number, the people, and the text of a frame that `tell` sent."""
    head, _, text = message.partition(b"\n")
    seq, *person_ids = map(int, head.split())
    return seq, person_ids, text.decode()
