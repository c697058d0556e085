"""How far a post came: for its author alone, in numbers that name nobody."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.utils import timezone

from feeds.models import Exposure, GainedFollow, ReachDay
from feeds.moments import page_id_at
from ranking.slate import FIRST_EXPOSURE
from sora_social.accounts.events import PersonFollowed
from sora_social.accounts.models import User
from sora_social.core.errors import NotFound
from sora_social.posts.models import Post

DAYS = 30
KEPT = timedelta(days=35)
FOLLOWS_WITHIN = timedelta(days=1)
PAGES_LOOKED_AT = 200  # newest pages of somebody who followed


@dataclass(frozen=True)
class ReachOfDay:
    """One day (UTC) of a post."""

    day: date
    impressions: int
    views: int
    opens: int
    publishes: int
    follows: int


@dataclass(frozen=True)
class Reach:
    """A post's figures in all, and day by day, the newest day last.

    `first_exposure` is how many of the first viewers that every new post is owed it had.
    """

    post_id: int
    impressions: int
    views: int
    opens: int
    submits: int
    publishes: int
    follows_gained: int
    first_exposure: int
    first_exposure_of: int
    by_day: list[ReachOfDay]


def reach_of(author: User, post_id: int) -> Reach:
    """How far one's own post came. Raises NotFound for everybody else's."""
    post = Post.objects.visible_to(author).filter(pk=post_id, author=author).first()
    if post is None:
        raise NotFound
    seen = Exposure.objects.filter(pk=post_id).first() or Exposure(pk=post_id)
    return Reach(
        post_id=post_id,
        impressions=seen.impression_count,
        views=post.view_count,
        opens=seen.open_count,
        submits=seen.submit_count,
        publishes=seen.publish_count,
        follows_gained=GainedFollow.objects.filter(post=post_id).count(),
        first_exposure=min(seen.impression_count, FIRST_EXPOSURE),
        first_exposure_of=FIRST_EXPOSURE,
        by_day=_by_day(post),
    )


def _by_day(post: Post) -> list[ReachOfDay]:
    today = timezone.now().date()
    first = max(post.shown_at.date(), today - timedelta(days=DAYS - 1))
    rows = {row.day: row for row in ReachDay.objects.filter(post=post, day__gte=first)}
    follows: dict[date, int] = {}
    for moment in GainedFollow.objects.filter(post=post, followed_at__date__gte=first).values_list(
        "followed_at", flat=True
    ):
        follows[moment.date()] = follows.get(moment.date(), 0) + 1
    days = [first + timedelta(days=number) for number in range((today - first).days + 1)]
    return [_of_day(day, rows.get(day) or ReachDay(), follows.get(day, 0)) for day in days]


def _of_day(day: date, row: ReachDay, follows: int) -> ReachOfDay:
    return ReachOfDay(day, row.impression_count, row.view_count, row.open_count, row.publish_count, follows)


_LAST_SHOWN = """
WITH page AS (
    SELECT id, post_ids FROM feeds_servedpage WHERE viewer_id = %(follower)s AND id >= %(since)s
    ORDER BY id DESC LIMIT %(pages)s),
gained AS (
    INSERT INTO feeds_gainedfollow (post_id, author_id, follower_id)
    SELECT p.id, p.author_id, %(follower)s
    FROM page CROSS JOIN unnest(page.post_ids) WITH ORDINALITY AS shown (post_id, place)
    JOIN posts_post p ON p.id = shown.post_id WHERE p.author_id = %(author)s
    ORDER BY page.id DESC, shown.place DESC LIMIT 1
    ON CONFLICT (author_id, follower_id) DO NOTHING RETURNING post_id)
INSERT INTO feeds_exposure (post_id, follow_count) SELECT post_id, 1 FROM gained
ON CONFLICT (post_id) DO UPDATE SET follow_count = feeds_exposure.follow_count + 1"""


def credit_follow(event: PersonFollowed) -> None:
    """A follow within a day of being shown something of the author is gained by the last post shown."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LAST_SHOWN,
            {
                "follower": event.follower_id,
                "author": event.followee_id,
                "since": page_id_at(timezone.now() - FOLLOWS_WITHIN),
                "pages": PAGES_LOOKED_AT,
            },
        )


def forget_old_days() -> None:
    """Days older than five weeks are told to nobody any more. May run at any time."""
    ReachDay.objects.filter(day__lt=timezone.now().date() - KEPT).delete()
