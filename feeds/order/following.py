"""What somebody follows, newest first: their list in Redis, and beside it what no list holds.

Beside it are the viewer's own posts, those of loud authors, and those that still wait in the outbox to be pushed; one
statement reads them all. It is read before the list. Then a post cannot slip through between the two: in the moment of
that statement it was waiting still, or it was in every list by then. For the same reason it says whether the viewer
follows others than the list knows of.
"""

from feeds.order import timelines
from feeds.order.timelines import Absence, Window
from sora_social.accounts.events import PersonFollowed, PersonUnfollowed
from sora_social.accounts.models import User
from sora_social.core.prepared import prepared_rows
from sora_social.posts.events import PostPublished

NEWEST = 2**63 - 1
WAITING_AT_MOST = 2_000  # events: beyond it no list is relied on
SCANNED_FROM = 500  # follows: it is then quicker to look through the newest posts than through those who are followed
SCANNED_AT_MOST = 5_000
_UNTRUSTED = 0

# Events that are tried again fall due within ten minutes.
BESIDE = f"""
WITH waiting AS MATERIALIZED (
    SELECT kind, payload FROM core_outboxevent
    WHERE due_at < now() + interval '11 minutes' AND goes_first IS NOT TRUE
    LIMIT {WAITING_AT_MOST + 1}),
authors AS (
    SELECT %(viewer)s::bigint AS author_id
    UNION
    SELECT f.followee_id FROM feeds_loudauthor l
    JOIN accounts_follow f ON f.follower_id = %(viewer)s AND f.followee_id = l.author_id)
(SELECT id FROM (
    SELECT p.id FROM authors
    CROSS JOIN LATERAL (SELECT id FROM posts_post WHERE author_id = authors.author_id AND id < %(before)s
                        ORDER BY id DESC LIMIT %(limit)s) p
    UNION
    SELECT p.id FROM waiting w
    JOIN posts_post p ON p.id = (w.payload ->> 'post_id')::bigint AND p.id < %(before)s
    JOIN accounts_follow f ON f.follower_id = %(viewer)s AND f.followee_id = p.author_id
    WHERE w.kind = '{PostPublished.__name__}') found
 ORDER BY id DESC LIMIT %(limit)s)
UNION ALL
SELECT {_UNTRUSTED} FROM waiting
HAVING count(*) > {WAITING_AT_MOST} OR bool_or(
    kind IN ('{PersonFollowed.__name__}', '{PersonUnfollowed.__name__}')
    AND (payload ->> 'follower_id')::bigint = %(viewer)s)"""  # noqa: S608 - our own names and numbers

# The newest `limit` posts are of the `limit` authors who posted last: with so many at hand, none of them is older than
# the last of their newest ones.
BY_AUTHORS = """
WITH last AS MATERIALIZED (
    SELECT f.followee_id, p.id FROM accounts_follow f
    CROSS JOIN LATERAL (SELECT id FROM posts_post WHERE author_id = f.followee_id AND id < %(before)s
                        ORDER BY id DESC LIMIT 1) p
    WHERE f.follower_id = %(viewer)s ORDER BY p.id DESC LIMIT %(limit)s)
SELECT p.id FROM last
CROSS JOIN LATERAL (
    SELECT id FROM posts_post WHERE author_id = last.followee_id AND id < %(before)s
    AND id >= (SELECT CASE WHEN count(*) < %(limit)s THEN 0 ELSE min(last.id) END FROM last)
    ORDER BY id DESC LIMIT %(limit)s) p
ORDER BY 1 DESC LIMIT %(limit)s"""

BY_TIME = f"""
SELECT p.id FROM (SELECT id, author_id FROM posts_post WHERE id < %(before)s
                  ORDER BY id DESC LIMIT {SCANNED_AT_MOST}) p
WHERE EXISTS (SELECT FROM accounts_follow WHERE follower_id = %(viewer)s AND followee_id = p.author_id)
ORDER BY 1 DESC LIMIT %(limit)s"""  # noqa: S608 - our own number


def newest(viewer: User, *, before: int = NEWEST, count: int) -> list[int]:
    """The newest `count` posts below the id `before`, by the viewer and by whom they follow.

    Who may see them is another question.
    """
    beside, found = beside_and_list(viewer, before, count)
    if found is Absence.NO_LIST:
        found = _build(viewer, before, count)
    if isinstance(found, Window):
        followed, missing = found.ids, count - len(found.ids)
        if missing and found.floor > 0:
            followed = [*followed, *followed_by(viewer, before=min(before, found.floor), count=missing)]
    else:
        followed = followed_by(viewer, before=before, count=count)
    return sorted({*followed, *beside}, reverse=True)[:count]


def listed(viewer: User, *, count: int) -> list[int] | None:
    """The newest that are at hand; None when there is no list. It may be short of `count` where the list is."""
    beside, found = beside_and_list(viewer, NEWEST, count)
    return sorted({*found.ids, *beside}, reverse=True)[:count] if isinstance(found, Window) else None


def beside_and_list(viewer: User, before: int, count: int) -> tuple[list[int], Window | Absence]:
    """What no list holds, read first, and what the list does; each the newest below `before`."""
    beside = _rows(BESIDE, viewer, before, count)
    if _UNTRUSTED in beside:
        return [post_id for post_id in beside if post_id != _UNTRUSTED], Absence.NOT_NOW
    return beside, timelines.window(viewer.pk, before=before, count=count)


def _build(viewer: User, before: int, count: int) -> Window | Absence:
    token = timelines.begin(viewer.pk)
    if token is None:
        return Absence.NOT_NOW
    rising = followed_by(viewer, before=NEWEST, count=timelines.FILLED_WITH)[::-1]
    mark = rising[0] if len(rising) == timelines.FILLED_WITH else 0
    timelines.fill(viewer.pk, token, rising, mark=mark)
    return Window.cut(rising, mark, before=before, count=count)


def followed_by(viewer: User, *, before: int, count: int) -> list[int]:
    """The same of whom `viewer` follows, from the database alone."""
    if viewer.following_count >= SCANNED_FROM:
        found = _rows(BY_TIME, viewer, before, count)
        if len(found) == count:
            return found
    return _rows(BY_AUTHORS, viewer, before, count)


def _rows(sql: str, viewer: User, before: int, count: int) -> list[int]:
    return [row[0] for row in prepared_rows(sql, {"viewer": viewer.pk, "before": before, "limit": count})]
