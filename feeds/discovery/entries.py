"""Challenges as people see them: what there is to enter, what entered, and how many did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import DurationField, ExpressionWrapper, F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from feeds.discovery import leaderboards
from feeds.models import Turnout, Window
from feeds.order.filling import fill, listed_posts
from sora_social.accounts.models import User
from sora_social.challenges.models import Challenge
from sora_social.core.cursors import Page, keyset_page, seal, unseal
from sora_social.core.errors import NotFound
from sora_social.core.filling import Key
from sora_social.core.prepared import Prepared
from sora_social.posts import presenting
from sora_social.posts.events import PostPublished, PostRestored, PostsWithdrawn, PostVisibilityChanged
from sora_social.posts.models import Post

SHOWN_OF_MINE = 10
COUNTED_AT_MOST = 50  # challenges of one run: the next beat goes on
RECOUNTED_FOR = timedelta(days=1)  # after its end; likes and suspensions announce nothing
_END = 2**63 - 1


@dataclass(frozen=True)
class ChallengeShown:
    """A challenge as one viewer sees it. `mine` are their own entries, the newest first, at most ten."""

    challenge: Challenge
    state: str
    entry_count: int
    person_count: int
    my_entry_count: int
    mine: Sequence[int]


STATES: Mapping[str, Callable[[datetime], "QuerySet[Challenge]"]] = {
    "open": Challenge.objects.open_at,
    "coming": Challenge.objects.coming_at,
    "past": Challenge.objects.past_at,
}


def challenges_page(viewer: User, *, state: str, cursor: str, limit: int) -> Page[ChallengeShown]:
    """The challenges there are, in one state or in all, the newest first."""
    rows = STATES[state](timezone.now()) if state else Challenge.objects.listed()
    page = keyset_page(rows.select_related("turnout"), purpose=f"challenges {state}", cursor=cursor, limit=limit)
    return Page(_shown(viewer, page.items), page.next)


def challenge_for(viewer: User, challenge_id: int) -> ChallengeShown:
    """Raises NotFound."""
    return _shown(viewer, [_listed(challenge_id)])[0]


def _listed(challenge_id: int) -> Challenge:
    challenge = Challenge.objects.listed().select_related("turnout").filter(pk=challenge_id).first()
    if challenge is None:
        raise NotFound
    return challenge


def _shown(viewer: User, challenges: Sequence[Challenge]) -> list[ChallengeShown]:
    rows = Post.objects.visible_to(viewer).filter(author=viewer, challenge__in=[one.pk for one in challenges])
    mine: dict[int, list[int]] = {}
    for challenge_id, post_id in rows.order_by("-pk").values_list("challenge_id", "pk"):
        mine.setdefault(challenge_id or 0, []).append(post_id)
    now = timezone.now()
    return [_as_shown(challenge, now, mine.get(challenge.pk, [])) for challenge in challenges]


def _as_shown(challenge: Challenge, now: datetime, mine: Sequence[int]) -> ChallengeShown:
    turnout: Turnout | None = getattr(challenge, "turnout", None)
    return ChallengeShown(
        challenge=challenge,
        state=challenge.state_at(now),
        entry_count=turnout.entry_count if turnout else 0,
        person_count=turnout.person_count if turnout else 0,
        my_entry_count=len(mine),
        mine=mine[:SHOWN_OF_MINE],
    )


# what entered

_NEWEST = Prepared(
    lambda challenge, before: (
        Post.objects.filter(challenge=challenge, pk__lt=before, deleted_at=None, removed_at=None)
        .order_by("-pk")
        .values_list("pk")
    ),
    "challenge",
    "before",
    limited=True,
)


def entries_page(viewer: User, challenge_id: int, *, sort: str, cursor: str, limit: int) -> bytes:
    """The entries of a challenge as JSON bytes: newest first; or `top`, those that others made most of, then those
    most liked, as of the last count and at most a thousand. Raises NotFound."""
    challenge = _listed(challenge_id)
    if sort == "top":
        return leaderboards.entries_by_place(viewer, challenge.pk, cursor=cursor, limit=limit)
    purpose = f"entries {challenge.pk} new {viewer.pk}"
    after: Key = unseal(purpose, cursor, 1) if cursor else (_END,)

    def ask(after: Key, count: int) -> Sequence[Key]:
        return _NEWEST.rows(challenge=challenge.pk, before=after[0], limit=count)

    shown, following = fill(ask, listed_posts(viewer), after=after, limit=limit)
    return presenting.list_bytes((body for _, body in shown), seal(purpose, *following) if following else None)


def leaderboard_page(viewer: User, challenge_id: int, board: str, *, cursor: str, limit: int) -> bytes:
    """A leaderboard among the entries of a challenge. Raises NotFound."""
    challenge = _listed(challenge_id)
    return leaderboards.page_of(viewer, board, challenge_id=challenge.pk, cursor=cursor, limit=limit)


# counting

_STALE = """
INSERT INTO feeds_turnout (challenge_id, entry_count, person_count, is_stale)
SELECT DISTINCT challenge_id, 0, 0, true FROM posts_post
WHERE challenge_id IS NOT NULL AND id IN (
    SELECT unnest(%(ids)s::bigint[])
    UNION SELECT source_id FROM remix_edge WHERE derivation_id = ANY(%(ids)s::bigint[]))
ORDER BY challenge_id
ON CONFLICT (challenge_id) DO UPDATE SET is_stale = true WHERE NOT feeds_turnout.is_stale"""
_COUNT = """
UPDATE feeds_turnout SET (entry_count, person_count) = (
    SELECT count(*), count(DISTINCT p.author_id) FROM posts_post p JOIN accounts_user a ON a.id = p.author_id
    WHERE p.challenge_id = %(challenge)s AND p.counted AND p.visibility = 'public' AND a.is_active)
WHERE challenge_id = %(challenge)s"""


def follow(*events: PostPublished | PostRestored | PostsWithdrawn | PostVisibilityChanged) -> None:
    """Entries, or what was made of some, came or went: their challenges are counted again at the next beat."""
    with connection.cursor() as cursor:
        cursor.execute(_STALE, {"ids": [post_id for event in events for post_id in event.post_ids]})


def count_stale() -> None:
    """Count the challenges in which something changed, and rank their entries. May be repeated.

    One with many entries is left alone for a while: a second for each thousand.
    """
    rest = ExpressionWrapper(F("entry_count") * timedelta(milliseconds=1), output_field=DurationField())
    _count(Turnout.objects.filter(is_stale=True, counted_at__lte=Now() - rest))


def count_open() -> None:
    """The same for all that are open, or were within a day: what nothing announces is counted, too."""
    now = timezone.now()
    _count(Turnout.objects.filter(challenge__starts_at__lte=now, challenge__ends_at__gt=now - RECOUNTED_FOR))


def _count(turnouts: "QuerySet[Turnout]") -> None:
    for challenge_id in list(turnouts.order_by("counted_at").values_list("pk", flat=True)[:COUNTED_AT_MOST]):
        # what changes from here on is counted next time; nobody waits for the row meanwhile
        Turnout.objects.filter(pk=challenge_id).update(is_stale=False, counted_at=Now())
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, {"challenge": challenge_id})
        leaderboards.rank(challenge_id, Window.ALL, since=0, at_most=leaderboards.ENTRIES_AT_MOST)
