"""Cards and holds as rows: made when they are due, and given the one outcome that each has.

A client says that a card was dismissed, that something was acknowledged, that the person left. That they made something
the server finds out by itself, and it outranks what was said: it is the truth that the cards are there for. Of the rest
the first word counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from feeds.models import Nudge, ServedPage
from feeds.models.scrolling import CARDS, MADE, NudgeKind, NudgeOutcome
from feeds.moments import PAGE_BITS, new_page_id, page_id_at
from feeds.scroll import offers
from feeds.scroll.experimenting import arm_for
from feeds.scroll.offers import Offer
from ranking import nudging
from ranking.nudging import Meter, PastCard
from sora_social.accounts.models import User
from sora_social.core.errors import Invalid, NotFound
from sora_social.core.moments import IDS_SINCE, milliseconds, moment
from sora_social.credits import quota
from sora_social.posts.events import PostPublished
from sora_social.studio.models import Draft, Generation

CREDITED_WITHIN = timedelta(minutes=30)  # a making counts for a card that is no older
LEFT_AFTER = timedelta(minutes=30)  # without a page
COUNTED_FOR = timedelta(days=28)
SETTLED_AT_ONCE = 2_000


def _hold_scroll(viewer_id: int) -> None:
    """One at a time may make or settle what interrupts this person's scroll, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"scroll {viewer_id}"])


# made


@dataclass(frozen=True, slots=True)
class Card:
    """A card that was made: its row, what it offers (None for a break, and for a ghost), the clips that are left."""

    nudge: Nudge
    offer: Offer | None
    quota_left: int


def make_card(viewer: User, now: datetime, *, step: int) -> Card | None:
    """The card that is due, of the arm that the viewer is in; None when their day has enough, or they want none.

    A card of the control arm is a ghost: it is logged, and not shown.
    """
    with transaction.atomic():
        _hold_scroll(viewer.pk)
        past = list(Nudge.objects.of(viewer).cards()[: nudging.HISTORY])
        if not nudging.may_lay_card([_past(card) for card in past], milliseconds(now)):
            return None
        experiment, arm = arm_for(viewer, now)
        is_ghost = arm == "control"
        quota_left = 0 if is_ghost else quota_left_of(viewer)
        offer = None
        if arm not in {"control", "break_only"}:
            offer = offers.best_for(
                viewer, past, now=now, may_generate=quota_left > 0, from_friends=arm == "friend_offer"
            )
        nudge = Nudge.objects.create(
            pk=new_page_id(),
            viewer=viewer,
            kind=_kind(offer, is_ghost=is_ghost),
            step=step,
            experiment=experiment,
            arm=arm if experiment is not None else "",
            offer=offer.as_json() if offer is not None else None,
            is_ghost=is_ghost,
            made_at=now,
        )
    return Card(nudge, offer, quota_left)


def quota_left_of(viewer: User) -> int:
    """How many clips they can still have made, those of the plan and those beside it."""
    limits = quota.limits_of(viewer)
    return limits.clips_left + limits.clips_extra


def _kind(offer: Offer | None, *, is_ghost: bool) -> NudgeKind:
    if offer is None:
        return NudgeKind.CREATE if is_ghost else NudgeKind.BREAK
    return NudgeKind.FRIEND if offer.is_of_friend else NudgeKind.CREATE


def _past(card: Nudge) -> PastCard:
    return PastCard(
        at=milliseconds(card.made_at),
        outcome=card.outcome,
        outcome_at=milliseconds(card.outcome_at) if card.outcome_at else 0,
        is_ghost=card.is_ghost,
    )


def hold_for(viewer: User, meter: Meter, *, made_at: int) -> Nudge:
    """The row of the hold that a meter is in: the same for all who ask while it lasts."""
    with transaction.atomic():
        if meter.hold_id:
            known = Nudge.objects.shown_to(viewer).filter(pk=meter.hold_id).first()
            if known is not None:
                return known
        _hold_scroll(viewer.pk)
        standing = Nudge.objects.of(viewer).filter(
            kind=meter.hold, outcome="", until__gt=moment(made_at), pk__gte=page_id_at(moment(meter.reset_at))
        )
        return standing.first() or Nudge.objects.create(
            pk=new_page_id(),
            viewer=viewer,
            kind=meter.hold,
            step=3,
            made_at=moment(made_at),
            until=moment(meter.hold_until),
        )


# what became of it


def nudge_for(viewer: User, nudge_id: int) -> Nudge:
    """A card or hold that this person was shown. Raises NotFound."""
    nudge = Nudge.objects.shown_to(viewer).filter(pk=nudge_id).first()
    if nudge is None:
        raise NotFound
    return nudge


def require_says(nudge: Nudge, outcome: str) -> None:
    """Raises Invalid for what a client cannot say of this nudge."""
    if outcome in MADE:
        raise Invalid.field("outcome", "That something was made is found out here.", code="found_by_server")
    if outcome == NudgeOutcome.DISMISSED and not nudge.is_card:
        raise Invalid.field("outcome", "A pause is acknowledged, or somebody leaves.", code="not_dismissible")


def settle(nudge: Nudge, outcome: NudgeOutcome, now: datetime, *, over: Sequence[NudgeOutcome] = ()) -> Nudge:
    """Give a nudge its outcome, unless it has one already that is not in `over`. Gives the row as it stands then."""
    open_ones = Nudge.objects.filter(pk=nudge.pk, outcome__in=["", *over])
    open_ones.update(outcome=outcome, outcome_at=now, is_settled=True)
    nudge.refresh_from_db()
    return nudge


def note_making(job: Generation) -> None:
    """A job was sent: the last card and the last hold of the half hour before it led to it. May be repeated.

    It is a remix when it derives from what was offered, or from what was shown in a feed meanwhile.
    """
    with transaction.atomic():
        _hold_scroll(job.owner_id)
        recent = Nudge.objects.filter(
            viewer=job.owner_id,
            made_at__gt=job.created_at - CREDITED_WITHIN,
            made_at__lte=job.created_at,
        ).order_by("-pk")
        nudges = [recent.filter(kind__in=CARDS).first(), recent.filter(kind=NudgeKind.PAUSE).first()]
        sources = set(job.sources.values_list("post_id", flat=True))
        for nudge in nudges:
            if nudge is None or nudge.job_id is not None:
                continue
            offered = int((nudge.offer or {}).get("post_id", 0))
            is_remix = bool(sources) and (offered in sources or _was_shown(job, sources))
            outcome = NudgeOutcome.REMIXED if is_remix else NudgeOutcome.CREATED
            _credit(nudge, outcome, job.pk, job.created_at)


def _was_shown(job: Generation, post_ids: set[int]) -> bool:
    since = page_id_at(job.created_at - CREDITED_WITHIN)
    return ServedPage.objects.filter(viewer=job.owner_id, pk__gte=since, post_ids__overlap=sorted(post_ids)).exists()


def note_publishing(event: PostPublished) -> None:
    """A draft that was offered on the last card became a post within half an hour of it. May be repeated."""
    draft = Draft.objects.filter(post_id=event.post_id).select_related("post").first()
    if draft is None or draft.post is None:
        return
    with transaction.atomic():
        _hold_scroll(draft.owner_id)
        published_at = draft.post.created_at
        window = (published_at - CREDITED_WITHIN, published_at)
        cards = Nudge.objects.cards().filter(viewer=draft.owner_id, made_at__range=window).order_by("-pk")
        card = cards.first()
        if card is not None and card.job_id is None and (card.offer or {}).get("draft_id") == str(draft.pk):
            _credit(card, NudgeOutcome.CREATED, draft.generation_id, published_at)


def _credit(nudge: Nudge, outcome: NudgeOutcome, job_id: int, at: datetime) -> None:
    nudge.outcome, nudge.outcome_at, nudge.job_id, nudge.is_settled = outcome, at, job_id, True
    nudge.save(update_fields=["outcome", "outcome_at", "job", "is_settled"])


# Who asked for nothing in the half hour after a card, or after the end of a hold, left. Who came back after a hold
# waited it out, which says as much as a tap. Who scrolled past a card said nothing.
_SETTLE = """
WITH due AS (
    SELECT id, viewer_id, until, since, (floor(extract(epoch FROM since) * 1000)::bigint - %(ids_since)s) << 21 AS at_id
    FROM (SELECT *, coalesce(until, made_at) AS since FROM feeds_nudge WHERE NOT is_settled) n
    WHERE since < %(silent)s ORDER BY id LIMIT %(at_once)s),
told AS (
    SELECT d.id, d.until, d.since, EXISTS (
        SELECT FROM feeds_servedpage p
        WHERE p.viewer_id = d.viewer_id AND p.id >= d.at_id + %(a_ms)s AND p.id <= d.at_id + %(half_hour)s
    ) OR EXISTS (
        SELECT FROM feeds_nudge m
        WHERE m.viewer_id = d.viewer_id AND m.id >= d.at_id + %(a_ms)s AND m.id <= d.at_id + %(half_hour)s
              AND m.id <> d.id
    ) AS went_on
    FROM due d)
UPDATE feeds_nudge n
SET is_settled = true,
    outcome = CASE WHEN NOT t.went_on THEN 'left' WHEN t.until IS NOT NULL THEN 'acknowledged' ELSE '' END,
    outcome_at = CASE WHEN t.went_on AND t.until IS NULL THEN NULL ELSE t.since END
FROM told t WHERE n.id = t.id AND NOT n.is_settled"""


def settle_silent(now: datetime) -> int:
    """Settle what was answered by silence, some at a time. Returns how many; may be repeated, and by several."""
    params: dict[str, int | datetime] = {
        "silent": now - LEFT_AFTER,
        "a_ms": 1 << PAGE_BITS,
        "half_hour": milliseconds(LEFT_AFTER) << PAGE_BITS,
        "ids_since": IDS_SINCE,
        "at_once": SETTLED_AT_ONCE,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SETTLE, params)
        return int(cursor.rowcount)


_COUNT_OFFERS = """
INSERT INTO feeds_offerrate (action, laid_count, taken_count)
SELECT offer ->> 'action', count(*), count(*) FILTER (WHERE outcome IN ('created', 'remixed'))
FROM feeds_nudge WHERE id >= %s AND offer IS NOT NULL AND NOT is_ghost GROUP BY 1
ON CONFLICT (action) DO UPDATE SET laid_count = excluded.laid_count, taken_count = excluded.taken_count"""


def count_offers(now: datetime) -> None:
    """Count of each action how often it was offered, and taken up, in the last four weeks."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_COUNT_OFFERS, [page_id_at(now - COUNTED_FOR)])
