"""Cards and pauses on the wire: laid between the posts of a page, or in place of one."""

from collections.abc import Iterable
from itertools import chain, islice

from feeds.models import Nudge
from feeds.scroll import nudge_texts, offers
from feeds.scroll.nudge_texts import Language
from feeds.scroll.nudges import Card
from feeds.scroll.scrolling import Entrance
from sora_social.core.problems import encode
from sora_social.posts import presenting

BEGINNING = "begin"  # a cursor for who was held before their first page: it leads to the beginning of any feed


def page_bytes(entrance: Entrance, items: Iterable[bytes], following: str | None, language: Language) -> bytes:
    """A page with its card. Where somebody's pages end, what comes after is `more`, to be asked for by a tap."""
    card = entrance.card
    if card is not None and not card.nudge.is_ghost:
        items = iter(items)
        before = list(islice(items, entrance.position))
        items = chain(before, [_card_item(card, language)], items)
    if entrance.has_end:
        return _ended(items, "page_end", following)
    return presenting.list_bytes(items, following)


def pause_bytes(entrance: Entrance, cursor: str, language: Language) -> bytes:
    """A page of nothing but a hold. `next` goes on with the scroll, from where it was asked for."""
    hold = entrance.hold
    assert hold is not None  # noqa: S101 - asked only where there is one
    item = encode(
        {
            "type": "pause",
            "id": str(hold.pk),
            "pause": pause_json(hold, language, is_dismissible=entrance.rules.is_dismissible),
        }
    )
    following = cursor or BEGINNING
    if entrance.has_end:
        return _ended([item], "pause", following)
    return presenting.list_bytes([item], following)


def _ended(items: Iterable[bytes], why: str, more: str | None) -> bytes:
    return b'{"items":[' + b",".join(items) + b'],"next":null,"ends":"%b","more":%b}' % (why.encode(), encode(more))


def _card_item(card: Card, language: Language) -> bytes:
    return encode({"type": "nudge", "id": str(card.nudge.pk), "nudge": card_json(card, language)})


def card_json(card: Card, language: Language) -> dict[str, object]:
    """A card as `wire.NudgeOut` says."""
    nudge, offer = card.nudge, card.offer
    text = (
        nudge_texts.break_text(language, step=nudge.step)
        if offer is None
        else nudge_texts.offer_text(offer.action, offer.told, language, step=nudge.step)
    )
    return {
        "id": str(nudge.pk),
        "kind": nudge.kind,
        "step": nudge.step,
        "text": text,
        "offer": None if offer is None else offers.on_the_wire(offer, language),
        "quota_left": card.quota_left,
        "dismissible": True,
        "actions": nudge_texts.card_actions(None if offer is None else offer.action, language),
    }


def pause_json(hold: Nudge, language: Language, *, is_dismissible: bool) -> dict[str, object]:
    """A hold as `wire.PauseOut` says."""
    return {
        "id": str(hold.pk),
        "kind": hold.kind,
        "text": nudge_texts.hold_text(hold.kind, language, is_dismissible=is_dismissible),
        "until": hold.until,
        "dismissible": is_dismissible,
        "actions": nudge_texts.hold_actions(language, is_dismissible=is_dismissible),
    }
