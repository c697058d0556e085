"""A page of a feed: skeleton → policy → hydrate → cards → bytes.

Skeleton: ids in the order of time (`chronological`), of one viewer's ranking (`ranked`), or of one that all share
(`shared`). Policy and hydration: one query that asks visibility of every item again and brings counts
(`posts.presenting`). What is served is handed to the impression log.
"""

from typing import Any

from feeds import logbook, metrics
from feeds.logbook import Served
from feeds.moments import new_page_id
from feeds.order import chronological, ranked, shared
from feeds.order.places import FeedPage, Place, Where
from feeds.scroll import nudge_cards, scrolling
from feeds.steering import preferences
from sora_social.accounts.models import User
from sora_social.core.languages import Language

FEEDS = ("for_you", "following", "latest", "top", "tag", "challenge", "template", "mood")


def page_for(
    viewer: User,
    *,
    feed: str,
    cursor: str,
    limit: int,
    of: str = "",
    personalised: bool | None = None,
    region: str = "",
    language: Language = "en",
) -> bytes:
    """One page as JSON bytes.

    `of` is the tag, challenge, template or mood of a feed that is of one. `personalised` says whether this scroll may
    be; None leaves it to the viewer's preferences. `region` is the country that the request comes from, `language` is
    of cards.
    Raises Invalid for a cursor of another list or person, NotFound where `of` names nothing.
    """
    request_id = new_page_id()
    cursor = "" if cursor == nudge_cards.BEGINNING else cursor
    with scrolling.page(viewer, wanted=limit) as entrance:
        if entrance.hold is not None:
            return nudge_cards.pause_bytes(entrance, cursor, language)
        where = Where(cursor, entrance.granted, request_id)
        match feed:
            case "for_you" | "mood" if _is_personal(viewer, of, cursor, asked_for=personalised):
                page = ranked.page(viewer, of, where)
            case "for_you" | "mood":
                page = shared.for_you(viewer, region, of, where)
            case "top":
                page = shared.top(viewer, where)
            case _:
                page = chronological.page(viewer, feed, of, where)
        entrance.leave(served=len(page.shown))
    _log(viewer, feed, request_id, page, arm=entrance.arm, nudge_state=entrance.state)
    metrics.PAGES.labels(feed).inc()
    items = (_item(request_id, index, place, post) for index, (place, post) in enumerate(page.shown))
    return nudge_cards.page_bytes(entrance, items, page.next, language)


def _is_personal(viewer: User, mood: str, cursor: str, *, asked_for: bool | None) -> bool:
    """A scroll that began without personalisation goes on so."""
    if asked_for is False or not preferences.of(viewer).personalised:
        return False
    return not (cursor and shared.is_of_for_you(viewer, mood, cursor))


def _item(request_id: int, index: int, place: Place, post: bytes) -> bytes:
    impression = b"%d-%d" % (request_id, index)
    return b'{"type":"post","id":"%b","impression_id":"%b","why":%b,"post":%b}' % (
        impression,
        impression,
        place.why.encode(),
        post,
    )


def _log(viewer: User, feed: str, request_id: int, page: FeedPage, *, arm: str, nudge_state: dict[str, Any]) -> None:
    """Hand the page's impressions to the log, with all that the ranker learns from."""
    if not page.shown:
        return
    places = [place for place, _ in page.shown]
    packed = b"".join([place.features for place in places])
    logbook.record(
        Served(
            id=request_id,
            viewer_id=viewer.pk,
            feed=feed,
            snapshot_id=page.order_id,
            candidate_set_hash=page.facts.candidate_set_hash,
            model=page.facts.model,
            steering=page.facts.steering,
            arm=arm,
            nudge_state=nudge_state,
            first_rank=page.first_rank,
            post_ids=[place.post_id for place in places],
            scores=[place.score for place in places],
            propensities=[place.propensity for place in places],
            slots=[place.slot for place in places],
            reasons=[place.why for place in places],
            features=packed if page.facts.layout else None,
            layout=page.facts.layout,
        )
    )
