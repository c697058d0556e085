"""For You: pages cut from the ranked order of one scroll."""

from feeds import logbook, pipeline, snapshots
from feeds.page import SLACK, Facts, FeedPage, Place
from sora_social.accounts.models import User
from sora_social.core.cursors import seal, unseal
from sora_social.posts import presenting


def page(viewer: User, *, cursor: str, limit: int, request_id: int) -> FeedPage:
    """A page that policy made short is refilled from the order. Raises Invalid for a cursor of another list or person.

    Skeleton: the order that Redis keeps for the scroll; when it is gone or used up, a new one without what was served.
    """
    purpose = f"for_you {viewer.pk}"
    snapshot_id, offset, began = unseal(purpose, cursor, 3) if cursor else (0, 0, request_id)
    found = snapshots.places_from(viewer, snapshot_id, offset, limit + SLACK) if cursor else None
    shown: list[tuple[Place, bytes]] = []
    first_rank = offset
    rebuilt = False
    facts = Facts("", 0, 0)
    while True:
        if found is None:
            if rebuilt:
                break
            logbook.flush()  # what was served a moment ago must not come again
            snapshot_id, offset, rebuilt = request_id, 0, True
            first_rank = first_rank if shown else 0
            order = pipeline.make(viewer, snapshot_id=snapshot_id, began=began)
            snapshots.keep(viewer, snapshot_id, order.facts, order.places)
            found = order.facts, list(order.places[: limit + SLACK])
        facts, places = found
        rendered = presenting.present(viewer, [place.post_id for place in places], listed=True)
        already = {place.post_id for place, _ in shown}
        for place in places:
            if len(shown) == limit:
                break
            offset += 1
            if place.post_id in rendered and place.post_id not in already:
                shown.append((place, rendered[place.post_id]))
        if len(shown) == limit:
            break
        found = snapshots.places_from(viewer, snapshot_id, offset, limit + SLACK) if offset < facts.length else None
    following = seal(purpose, snapshot_id, offset, began) if len(shown) == limit else None
    return FeedPage(shown, facts, following, order_id=snapshot_id, first_rank=first_rank)
