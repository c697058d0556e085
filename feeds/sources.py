"""Who competes for a page of For You: sources that each propose posts.

Every source is bounded, whatever the viewer's number of follows or likes; what is proposed passes visibility before it
is scored, and again each time it is shown.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from cameos.models import Appearance
from feeds.models import Exposure
from sora_social.accounts.models import User
from sora_social.core.prepared import Prepared, ids_param, prepared_rows
from sora_social.posts.models import Post, Visibility, with_whole_cast

log = structlog.get_logger(__name__)

# newest posts of the 500 people followed last
CONNECTIONS = """
SELECT p.id FROM (SELECT followee_id FROM accounts_follow WHERE follower_id = %(viewer)s ORDER BY id DESC LIMIT 500) f
CROSS JOIN LATERAL (SELECT id FROM posts_post WHERE author_id = f.followee_id AND deleted_at IS NULL
                    ORDER BY id DESC LIMIT 3) p
ORDER BY p.id DESC LIMIT 150"""

# what came of posts that I made, or liked last
LINEAGE = """
SELECT e.derivation_id FROM (
    (SELECT id FROM posts_post WHERE author_id = %(viewer)s ORDER BY id DESC LIMIT 30)
    UNION (SELECT post_id FROM posts_like WHERE person_id = %(viewer)s ORDER BY id DESC LIMIT 60)) mine
CROSS JOIN LATERAL (SELECT derivation_id FROM remix_edge WHERE source_id = mine.id
                    ORDER BY derivation_id DESC LIMIT 4) e
ORDER BY 1 DESC LIMIT 100"""

# the tags of what I liked last
TAGS = """
SELECT t.post_id FROM (
    SELECT pt.tag FROM (SELECT post_id FROM posts_like WHERE person_id = %(viewer)s ORDER BY id DESC LIMIT 60) l
    JOIN posts_posttag pt ON pt.post_id = l.post_id GROUP BY pt.tag ORDER BY count(*) DESC, pt.tag LIMIT 5) mine
CROSS JOIN LATERAL (SELECT post_id FROM posts_posttag WHERE tag = mine.tag ORDER BY post_id DESC LIMIT 20) t
LIMIT 100"""

# Who is cast is asked in these two as everywhere: they hold little, and what lapsed in a mass would leave them empty.
_FRESH = Prepared(
    lambda: Post.objects.standing().filter(visibility=Visibility.PUBLIC).order_by("-pk").values_list("pk")[:200]
)


def _first_shown(since: int) -> QuerySet[Exposure, Any]:
    """Posts that few have seen yet: everybody gets a first exposure. Half are the newest of those since an id, and
    half have waited longest."""
    waiting = Exposure.objects.filter(
        with_whole_cast(Appearance.objects.in_force(), prefix="post__"),
        impression_count__lt=12,
        waits=True,
        post__gte=since,
        post__visibility=Visibility.PUBLIC,
        post__deleted_at=None,
        post__removed_at=None,
        post__shown_at__lte=Now(),
        post__author__is_active=True,
    ).values_list("post_id")
    return waiting.order_by("-post")[:40].union(waiting.order_by("post")[:40])


_EXPLORATION = Prepared(_first_shown, "since")
WAITS_AT_MOST = timedelta(days=14)


def _oldest_waiting() -> int:
    """The smallest id of a post of the last 14 days: 41 bits of milliseconds since 2025, and 22 more."""
    return (int((time.time() - WAITS_AT_MOST.total_seconds()) * 1000) - 1_735_689_600_000) << 22


Proposals = Sequence[tuple[Any, ...]]
SOURCES: dict[str, Callable[[int], Proposals]] = {
    "connections": lambda viewer: prepared_rows(CONNECTIONS, {"viewer": viewer}),
    "lineage": lambda viewer: prepared_rows(LINEAGE, {"viewer": viewer}),
    "tags": lambda viewer: prepared_rows(TAGS, {"viewer": viewer}),
    "exploration": lambda viewer: _EXPLORATION.rows(since=_oldest_waiting()),
    "fresh": lambda viewer: _FRESH.rows(),  # the last: it fills what the others leave of the places
}

_ALLOWED = Prepared(
    lambda viewer, ids: (
        Post.objects.listed_for(viewer)
        .not_muted_by(viewer)
        .filter(pk__any=ids)
        .exclude(author=viewer)
        .values_list("pk")
    ),
    "viewer",
    "ids",
)


def propose(viewer: User, *, at_most: int, left_out: Sequence[int] = ()) -> list[int]:
    """Ids that may compete for `viewer`'s next pages, without those in `left_out`.

    A source that fails proposes nothing; the others go on.
    """
    proposed: dict[int, None] = {}
    for name, ask in SOURCES.items():
        proposed.update(dict.fromkeys(_from_source(name, ask, viewer)))
    for post_id in left_out:
        proposed.pop(post_id, None)
    allowed = {row[0] for row in _ALLOWED.rows(viewer=viewer.pk, ids=ids_param(proposed))}
    return [post_id for post_id in proposed if post_id in allowed][:at_most]


def _from_source(name: str, ask: Callable[[int], Proposals], viewer: User) -> list[int]:
    try:
        # inside a transaction a failure must be undone; outside, each statement stands for itself
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return [row[0] for row in ask(viewer.pk)]
    except DatabaseError:  # this source rests; the page is made from the others
        log.exception("feed_source_failed", source=name)
        return []
